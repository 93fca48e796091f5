// One view on a canvas: the picture under its look (brightness, contrast, inverted), boxes over it, zoom and pan, and the mouse.
// Zoom and pan are kept relative to the picture, so that they survive moving on to one of another size.

import { VIEWS, bigEnough, colourOf, grip, inside, moved, resized } from "./boxes.js";

const GRIP_PX = 7;
const LEAST_ZOOM = 0.4;
const MOST_ZOOM = 24;

export class Pane {
  // desk: what is shown (boxes, reference, chosen, look, editing) and what a mouse does (choose, place, draw, activate).
  constructor(view, desk) {
    Object.assign(this, { view, desk, zoom: 1, middle: [0.5, 0.5], picture: null, drag: null });
    this.element = document.createElement("div");
    this.element.className = "pane";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.label = document.createElement("span");
    this.label.className = "pane-label";
    this.element.append(this.canvas, this.label);
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    this.canvas.addEventListener("pointerup", () => this.up());
    this.canvas.addEventListener("pointercancel", () => this.up());
    this.canvas.addEventListener("dblclick", () => this.reset());
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  // size: {name, width, height} of the view, or null where the scan has none; picture: {image, bag}, the bag being what fits the pane.
  show(size, picture) {
    Object.assign(this, { size, picture: picture?.image, bag: picture?.bag || [0, 0, 1, 1], drag: null });
    this.element.hidden = !size;
    if (size) this.canvas.setAttribute("aria-label", `${this.view} view, ${size.width} by ${size.height} pixels`);
    this.draw();
  }

  reset() {
    Object.assign(this, { zoom: 1, middle: [0.5, 0.5] });
    this.draw();
  }

  // Pixels of the screen for one of the picture.
  scale() {
    const { clientWidth, clientHeight } = this.element;
    if (!this.size) return 1;
    return Math.min(clientWidth / this.size.width / this.bag[2], clientHeight / this.size.height / this.bag[3]) * this.zoom;
  }

  origin() {
    const [[x, y], scale] = [this.centre(), this.scale()];
    return [this.element.clientWidth / 2 - x * scale, this.element.clientHeight / 2 - y * scale];
  }

  // The picture's point in the middle of the pane.
  centre() {
    const [left, up, width, height] = this.bag;
    return [(left + this.middle[0] * width) * this.size.width, (up + this.middle[1] * height) * this.size.height];
  }

  // A mouse event's place in the picture.
  at(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const [x, y] = this.origin();
    return [(event.clientX - bounds.left - x) / this.scale(), (event.clientY - bounds.top - y) / this.scale()];
  }

  zoomBy(factor, at = null) {
    const [centre, old] = [this.centre(), this.scale()];
    this.zoom = Math.min(Math.max(this.zoom * factor, LEAST_ZOOM), MOST_ZOOM);
    const ratio = old / this.scale();
    this.look(...centre.map((x, k) => (at ? at[k] + (x - at[k]) * ratio : x)));
  }

  panBy(dx, dy) {
    const [x, y] = this.centre();
    this.look(x - dx / this.scale(), y - dy / this.scale());
  }

  // Brings a point of the picture into the middle.
  look(x, y) {
    const [left, up, width, height] = this.bag;
    const within = (m) => Math.min(Math.max(m, -0.2), 1.2);
    this.middle = [within((x / this.size.width - left) / width), within((y / this.size.height - up) / height)];
    this.draw();
  }

  wheel(event) {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 400), this.at(event));
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.desk.activate(this.view);
    const at = this.at(event);
    const held = this.held(at);
    if (held && !event.shiftKey) {
      this.desk.choose(held.item);
      if (this.desk.editing) this.drag = { ...held, from: at, first: held.xyxy, moves: false };
    } else if (this.desk.editing && event.shiftKey) {
      this.drag = { draws: true, from: at, to: at };
    } else {
      this.drag = { pans: true, screen: [event.clientX, event.clientY] };
    }
  }

  // The box under a point: the chosen one first, then the smallest.
  held(at) {
    if (this.desk.look.hidden) return null;
    const near = GRIP_PX / this.scale();
    const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
    const boxes = this.desk.boxes.filter((box) => box[this.view]);
    boxes.sort((a, b) => (b.item === this.desk.chosen) - (a.item === this.desk.chosen) || area(a[this.view]) - area(b[this.view]));
    for (const box of boxes) {
      const part = grip(box[this.view], ...at, near);
      if (part) return { item: box.item, part, xyxy: box[this.view] };
    }
    return null;
  }

  move(event) {
    if (!this.size) return;
    const at = this.at(event);
    if (!this.drag) {
      const held = this.desk.editing && this.held(at);
      this.canvas.style.cursor = !held ? "grab" : held.part === "move" ? "move" : `${held.part}-resize`;
    } else if (this.drag.pans) {
      this.panBy(event.clientX - this.drag.screen[0], event.clientY - this.drag.screen[1]);
      this.drag.screen = [event.clientX, event.clientY];
    } else if (this.drag.draws) {
      this.drag.to = at;
      this.draw();
    } else {
      const [dx, dy] = [at[0] - this.drag.from[0], at[1] - this.drag.from[1]];
      const { part, first, item } = this.drag;
      this.drag.moves = true;
      this.desk.place(item, this.view, part === "move" ? moved(first, dx, dy, this.size) : resized(first, part, dx, dy, this.size), false);
    }
  }

  up() {
    const drag = this.drag;
    this.drag = null;
    if (drag?.draws) {
      const box = inside([...drag.from, ...drag.to], this.size);
      if (bigEnough(box)) this.desk.draw(this.view, box);
      else this.draw();
    } else if (drag?.moves) this.desk.settle();
  }

  draw() {
    const { canvas, element, picture, desk } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [element.clientWidth, element.clientHeight];
    if (!width || !height || !this.size) return;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    }
    const [scale, [x, y]] = [this.scale(), this.origin()];
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.imageSmoothingEnabled = scale < 3;
    pen.filter = `brightness(${desk.look.brightness}) contrast(${desk.look.contrast}) invert(${desk.look.inverted ? 1 : 0})`;
    pen.fillStyle = "#fff"; // what is around the picture is its white border, also when inverted
    pen.fillRect(0, 0, width, height);
    if (picture) pen.drawImage(picture, x, y, this.size.width * scale, this.size.height * scale);
    pen.filter = "none";
    if (!desk.look.hidden) this.drawBoxes(pen, scale, x, y);
    this.label.textContent = this.view + (Math.abs(this.zoom - 1) > 0.01 ? `  ${Math.round(this.zoom * 100)} %` : "");
    element.classList.toggle("active", desk.view === this.view && desk.editing);
    element.dataset.view = this.view;
    element.dataset.place = [x, y, scale].map((one) => one.toFixed(3)).join(" "); // where the picture lies, for whoever reads the page
  }

  drawBoxes(pen, scale, x, y) {
    const on = (box) => [x + box[0] * scale, y + box[1] * scale, (box[2] - box[0]) * scale, (box[3] - box[1]) * scale];
    if (this.desk.look.reference) {
      for (const box of this.desk.reference.filter((one) => one[this.view])) this.dashed(pen, on(box[this.view]), this.desk.boxes.length ? "" : box.category);
    }
    const boxes = this.desk.boxes.filter((box) => box[this.view]);
    boxes.sort((a, b) => (a.item === this.desk.chosen) - (b.item === this.desk.chosen));
    for (const box of boxes) {
      const chosen = box.item === this.desk.chosen;
      this.outline(pen, on(box[this.view]), colourOf(box.item), chosen ? 3 : 1.5, `${box.item} ${box.category}`, chosen);
      if (chosen && this.desk.editing) this.grips(pen, on(box[this.view]), colourOf(box.item));
    }
    if (this.drag?.draws) this.outline(pen, on(inside([...this.drag.from, ...this.drag.to], this.size)), "#d00", 2, "");
  }

  // Dark dashes on a light line, to be seen on whatever lies under them.
  dashed(pen, place, label) {
    this.outline(pen, place, "#fffc", 3.5, "");
    pen.setLineDash([6, 4]);
    this.outline(pen, place, "#333", 1.5, label);
    pen.setLineDash([]);
  }

  outline(pen, [left, up, width, height], colour, thick, label, chosen = false) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    if (chosen) {
      pen.fillStyle = colour.replace(")", " / 0.12)");
      pen.fillRect(left, up, width, height);
    }
    pen.strokeRect(left, up, width, height);
    if (!label) return;
    pen.font = `${chosen ? "600 " : ""}12px system-ui, sans-serif`;
    const long = pen.measureText(label).width + 8;
    const top = up >= 17 ? up - 17 : up;
    pen.fillStyle = colour.replace("42%", "30%");
    pen.fillRect(left - 1, top, long, 16);
    pen.fillStyle = "#fff";
    pen.fillText(label, left + 3, top + 12);
  }

  grips(pen, [left, up, width, height], colour) {
    for (const a of [0, 0.5, 1]) {
      for (const b of [0, 0.5, 1]) {
        if (a === 0.5 && b === 0.5) continue;
        pen.fillStyle = "#fff";
        pen.fillRect(left + a * width - 3.5, up + b * height - 3.5, 7, 7);
        pen.strokeStyle = colour;
        pen.lineWidth = 1.5;
        pen.strokeRect(left + a * width - 3.5, up + b * height - 3.5, 7, 7);
      }
    }
  }
}

export const panes = (desk) => Object.fromEntries(VIEWS.map((view) => [view, new Pane(view, desk)]));
