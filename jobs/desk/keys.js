// Every key and what it does; one listener for the page. Fields of text keep their keys, but for Escape and Ctrl+Enter.

import * as ops from "./boxes.js";

export const HELP = [
  [["A"], "accept, with your changes if there are any; the next item comes"],
  [["R", "1-8"], "reject, and why"],
  [["U", "Ctrl+Z"], "take back the last thing you did, also on items before"],
  [["J", "K"], "skip for now, go back"],
  [["F"], "flag: wants another look"],
  [["E"], "edit boxes, and leave off"],
  [["Tab"], "editing: next box (Shift: previous)"],
  [["← → ↑ ↓"], "editing: move the box by a pixel (Shift: ten; Alt: its right and lower edge)"],
  [["V"], "the other view"],
  [["N"], "editing: a new box here, or the chosen item's box in this view (mouse: Shift and drag)"],
  [["D", "Del"], "editing: delete the box in this view (Shift: the item in both)"],
  [["C"], "the category and what else is said of the chosen item"],
  [["T"], "edit the text"],
  [["Ctrl+Enter"], "in a field: accept"],
  [["H"], "hide boxes, show them"],
  [["G"], "hide the dashed boxes of the source or the evidence"],
  [["I"], "invert the picture"],
  [["[ ]", ", ."], "darker and brighter, less and more contrast"],
  [["+", "−", "0"], "zoom in the active view; 0: everything as it was (mouse: wheel, drag)"],
  [["S"], "views side by side, or one above the other"],
  [["Q"], "larger text on the right"],
  [["?"], "these keys"],
];

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listen(desk) {
  document.addEventListener("keydown", (event) => {
    if (!desk.root.getClientRects().length) return;
    const writes = event.target.matches?.("textarea, select, input:not([type=range])");
    if (writes) return inField(desk, event);
    const does = editing(desk, event) || plain(desk, event);
    if (!does) return;
    event.preventDefault();
    does();
  });
}

function inField(desk, event) {
  if (event.key === "Escape") {
    event.target.blur();
    desk.frame.close();
  } else if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    event.target.blur();
    desk.accept();
  }
}

function plain(desk, event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ((event.ctrlKey || event.metaKey) && key === "z") return () => desk.undo();
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (key === "Escape") return () => (desk.frame.open ? desk.frame.close() : desk.editing && desk.edit());
  if (desk.frame.open === "reasons") return /^[1-9]$/.test(key) && desk.info.reasons[key - 1] ? () => desk.reject(desk.info.reasons[key - 1]) : null;
  if (key === "?") return () => (desk.frame.open ? desk.frame.close() : desk.frame.help());
  return desk.item ? item(desk, key) || looks(desk, key) : { j: () => desk.step(false), k: () => desk.step(true), u: () => desk.undo() }[key];
}

function item(desk, key) {
  return {
    a: () => desk.accept(),
    r: () => desk.frame.reasons(),
    u: () => desk.undo(),
    j: () => desk.step(false),
    k: () => desk.step(true),
    f: () => desk.flag(),
    e: () => desk.edit(),
    v: () => other(desk),
    c: () => focus(desk, "[data-attributes] select"),
    t: () => write(desk),
  }[key];
}

function looks(desk, key) {
  const change = (name, by) => () => {
    const slider = desk.frame[name];
    slider.value = Number(slider.value) + by;
    desk.look[name] = Number(slider.value);
    desk.redraw();
  };
  const flip = (name) => () => {
    desk.look[name] = !desk.look[name];
    desk.redraw();
  };
  return {
    h: flip("hidden"),
    g: flip("reference"),
    i: flip("inverted"),
    "[": change("brightness", -0.1),
    "]": change("brightness", 0.1),
    ",": change("contrast", -0.1),
    ".": change("contrast", 0.1),
    "+": () => desk.panes[desk.view].zoomBy(1.25),
    "=": () => desk.panes[desk.view].zoomBy(1.25),
    "-": () => desk.panes[desk.view].zoomBy(0.8),
    0: () => reset(desk),
    s: () => desk.frame.arrange([], {}, true),
    q: () => desk.root.classList.toggle("large"),
  }[key];
}

function reset(desk) {
  Object.assign(desk.look, { brightness: 1, contrast: 1, inverted: false, hidden: false, reference: true });
  desk.frame.brightness.value = desk.frame.contrast.value = 1;
  Object.values(desk.panes).forEach((pane) => pane.reset());
}

function other(desk) {
  const view = ops.otherView(desk.view);
  if (desk.panes[view].size) desk.activate(view);
}

function focus(desk, what) {
  desk.frame.panel.querySelector(what)?.focus();
}

function write(desk) {
  desk.writing = !desk.writing;
  desk.refresh();
  focus(desk, "textarea");
}

function editing(desk, event) {
  if (!desk.editing || event.ctrlKey || event.metaKey || desk.frame.open) return null;
  const [box, view] = [desk.boxes.find((one) => one.item === desk.chosen), desk.view];
  const size = desk.panes[view].size;
  const arrow = ARROWS[event.key];
  if (event.key === "Tab") return () => next(desk, event.shiftKey ? -1 : 1);
  if (arrow && box?.[view]) {
    const [dx, dy] = arrow.map((step) => step * (event.shiftKey ? 10 : 1));
    return () => desk.place(box.item, view, event.altKey ? ops.resized(box[view], "se", dx, dy, size) : ops.moved(box[view], dx, dy, size));
  }
  if (event.key === "n" || event.key === "N") return () => desk.draw(view, middle(desk, view, size));
  if (["d", "D", "Delete"].includes(event.key) && box) {
    return () => desk.change(event.shiftKey ? ops.without(desk.boxes, box.item) : ops.removed(desk.boxes, box.item, view));
  }
  return null;
}

function next(desk, by) {
  const order = desk.boxes.map((box) => box.item);
  if (order.length) desk.choose(order[(order.indexOf(desk.chosen) + by + order.length) % order.length]);
}

// A new box in the middle of what the view shows; along the belt where the item's other box is.
function middle(desk, view, size) {
  const pane = desk.panes[view];
  const there = desk.boxes.find((box) => box.item === desk.chosen && !box[view])?.[ops.otherView(view)];
  const [width, height] = [size.width / 6 / pane.zoom, size.height / 6 / pane.zoom];
  const [x, y] = pane.centre();
  const [left, right] = there ? [there[0], there[2]] : [x - width, x + width];
  return ops.inside([left, y - height, right, y + height], size);
}
