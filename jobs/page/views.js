// The two views: picture, boxes in matching colours over it, brightness, contrast, invert, zoom, and dragging boxes.

import { VIEWS, change, changed, colour, edit, inside, itemOf, moved, shown, state, watch, withNew } from "./state.js";

const SVG = "http://www.w3.org/2000/svg";
const HANDLES = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];
const UNNAMED = { name: "unnamed item", prohibited: false };
const HIGH_VH = 74; // of the window, at most, is a picture high
const LEAST = 4; // a shorter drag, in pixels of the screen, was a click
const look = { brightness: 100, contrast: 100, invert: false, zoom: 1 };
const panes = Object.fromEntries(VIEWS.map((view) => [view, document.querySelector(`.pane[data-view=${view}]`)]));
let drag = null; // {view, start, box, item, change(point)}: what a pointer that is down does

/** Set up both panes and the tools over them. */
export function open() {
  for (const view of VIEWS) {
    const stage = panes[view].querySelector(".stage");
    stage.addEventListener("pointerdown", (event) => down(event, view));
    stage.addEventListener("pointermove", moving);
    stage.addEventListener("pointerup", up);
    stage.addEventListener("pointercancel", () => { drag = null; draw(view); });
    stage.addEventListener("wheel", (event) => wheel(event), { passive: false });
    stage.addEventListener("focus", () => change({ view }));
    new ResizeObserver(() => draw(view)).observe(stage);
  }
  for (const name of ["brightness", "contrast"]) {
    document.getElementById(name).addEventListener("input", (event) => adjust(name, Number(event.target.value) - look[name]));
  }
  const click = (id, act) => document.getElementById(id).addEventListener("click", act);
  click("invert", invert);
  click("smaller", () => zoom(1 / 1.25));
  click("larger", () => zoom(1.25));
  click("plain", plain);
  watch(() => VIEWS.forEach(draw));
}

/** Brighter or more contrast by so many per cent. */
export function adjust(name, by) {
  const input = document.getElementById(name);
  look[name] = Math.min(Number(input.max), Math.max(Number(input.min), look[name] + by));
  input.value = look[name];
  input.setAttribute("aria-valuetext", `${look[name]} %`);
  filter();
}

export function invert() {
  look.invert = !look.invert;
  document.getElementById("invert").setAttribute("aria-pressed", String(look.invert));
  filter();
}

/** Larger or smaller, both views alike, about their middles. */
export function zoom(by) {
  look.zoom = Math.min(8, Math.max(1, look.zoom * by));
  if (look.zoom < 1.05) look.zoom = 1;
  document.getElementById("zoom").value = `${Math.round(look.zoom * 100)} %`;
  for (const view of VIEWS) {
    const stage = panes[view].querySelector(".stage");
    const x = (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth;
    const y = (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight;
    size(view);
    stage.scrollTo(x * stage.scrollWidth - stage.clientWidth / 2, y * stage.scrollHeight - stage.clientHeight / 2);
    draw(view);
  }
}

/** As the pictures came. */
export function plain() {
  adjust("brightness", 100 - look.brightness);
  adjust("contrast", 100 - look.contrast);
  if (look.invert) invert();
  zoom(1 / look.zoom);
}

/** The whole picture at 100 %, however tall it is; when it is larger, its window stays as it was. */
function size(view) {
  const { width, height } = state.views[view] ?? { width: 4, height: 3 };
  const stage = panes[view].querySelector(".stage");
  stage.style.aspectRatio = `${width} / ${height}`;
  stage.querySelector(".sheet").style.width = `calc(${look.zoom} * min(100%, ${(HIGH_VH * width) / height}vh))`;
}

function filter() {
  const how = `brightness(${look.brightness}%) contrast(${look.contrast}%) invert(${look.invert ? 1 : 0})`;
  for (const image of document.querySelectorAll(".stage img")) image.style.filter = how;
}

function wheel(event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
}

/** The boxes of a view, from the items as they stand and the drag that is going on. */
function draw(view) {
  const svg = panes[view].querySelector(".boxes");
  const picture = state.views[view];
  svg.replaceChildren();
  size(view);
  panes[view].classList.toggle("current", state.view === view && state.phase === "done");
  panes[view].classList.toggle("drawing", state.drawing !== null);
  if (!picture?.width) return;
  svg.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
  const unit = picture.width / (svg.clientWidth || picture.width); // pixels of the picture in one of the screen
  const last = (one) => one.item === state.selected;
  for (const one of [...state.items].sort((a, b) => last(a) - last(b))) {
    const box = drag?.view === view && drag.item === one.item ? drag.box : one[`${view}_xyxy`];
    if (box) svg.append(boxOf(one.item, box, unit, last(one) && state.view === view));
  }
  if (drag?.view === view && drag.item === null && drag.box) svg.append(boxOf(state.items.length, drag.box, unit, false));
}

function boxOf(number, [x0, y0, x1, y1], unit, handles) {
  const group = make("g", { class: `box ${colour(number)}${number === state.selected ? " selected" : ""}`, "data-item": number });
  const frame = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
  group.append(make("rect", { ...frame, class: "casing" }), make("rect", { ...frame, class: "line" }));
  const [wide, high] = [(10 + 8 * shown(number).length) * unit, 18 * unit];
  const y = y0 >= high ? y0 - high : y0;
  group.append(make("rect", { x: x0, y, width: wide, height: high, class: "tag" }));
  const text = make("text", { x: x0 + wide / 2, y: y + 13.5 * unit, "font-size": 13 * unit, "text-anchor": "middle" });
  text.textContent = shown(number);
  group.append(text);
  if (handles) {
    HANDLES.forEach(([h, v], index) => {
      const at = { cx: x0 + h * (x1 - x0), cy: y0 + v * (y1 - y0), "data-handle": index };
      group.append(make("circle", { ...at, r: 12 * unit, class: "grip" }), make("circle", { ...at, r: 4.5 * unit, class: "knob" }));
    });
  }
  return group;
}

function make(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** A point of the screen in pixels of the picture. */
function at(event, view) {
  const frame = panes[view].querySelector(".boxes").getBoundingClientRect();
  const picture = state.views[view];
  return [((event.clientX - frame.left) / frame.width) * picture.width, ((event.clientY - frame.top) / frame.height) * picture.height];
}

function down(event, view) {
  if (event.button !== 0 || !state.views[view] || state.phase !== "done") return;
  const start = at(event, view);
  const group = event.target.closest("[data-item]");
  const base = { view, start, from: [event.clientX, event.clientY], box: null };
  if (state.drawing) drag = { ...base, item: state.drawing.item, change: (to) => [...start, ...to] };
  else if (group) drag = { ...base, ...grasped(event, Number(group.dataset.item), view, start) };
  else drag = { ...base, pan: true, item: undefined };
  change({ view, ...(state.drawing || !group ? {} : { selected: Number(group.dataset.item) }) });
  if (drag.pan && event.pointerType !== "mouse") drag = null; // a finger scrolls by itself
  else event.currentTarget.setPointerCapture(event.pointerId);
}

/** What a drag on a box does: a handle moves its edges, the rest of it the whole. */
function grasped(event, item, view, start) {
  const box = itemOf(item)[`${view}_xyxy`];
  const handle = HANDLES[event.target.dataset.handle];
  if (!handle) return { item, change: (to) => moved(box, to[0] - start[0], to[1] - start[1], state.views[view]) };
  const [h, v] = handle;
  const edge = (index, share, wanted, to) => (share === wanted ? to : box[index]);
  return { item, change: ([x, y]) => [edge(0, h, 0, x), edge(1, v, 0, y), edge(2, h, 1, x), edge(3, v, 1, y)] };
}

function moving(event) {
  if (!drag) return;
  if (drag.pan) {
    event.currentTarget.scrollBy(-event.movementX, -event.movementY);
    drag.panned = true;
  } else if (drag.box || Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) >= LEAST) {
    drag.box = inside(drag.change(at(event, drag.view)), state.views[drag.view]);
    draw(drag.view);
  }
}

function up() {
  const done = drag;
  drag = null;
  if (!done) return;
  if (done.pan) { if (!done.panned) change({ selected: null }); }
  else if (done.box) put(done.view, done.item, done.box);
}

/** Give an item its box in a view; without an item, a new one. */
export function put(view, item, box) {
  const number = item ?? state.items.reduce((most, one) => Math.max(most, one.item), -1) + 1;
  change({ drawing: null, view });
  if (item === null) edit((items) => withNew(items, view, box, UNNAMED), number);
  else edit((items) => changed(items, item, { [`${view}_xyxy`]: box }), number);
  if (item === null) queueMicrotask(() => document.getElementById("category").select()); // after it has been shown
}
