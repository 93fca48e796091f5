// The keyboard: every key that the help page names, and the help page. Single keys can be switched off.

import { accept, reject } from "./decide.js";
import { drawInTheMiddle, remove, removeBox, select, startDrawing, step } from "./items.js";
import { change, itemOf, moved, inside, redo, state, undo } from "./state.js";
import { adjust, invert, plain, put, zoom } from "./views.js";

const LETTERS = "beltline.letters";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const help = document.getElementById("help");
const letters = document.getElementById("letters");

/** Listen. `start` inspects, `next` takes the next bag. */
export function open(start, next) {
  letters.checked = localStorage.getItem(LETTERS) !== "off";
  letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));
  document.getElementById("show-help").addEventListener("click", () => help.showModal());
  help.querySelector(".close").addEventListener("click", () => help.close());
  const single = singles(next);
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (withControl(event, start) || held(event) || written(event)) return;
    const act = letters.checked && !event.ctrlKey && !event.metaKey && !event.altKey && single(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function withControl(event, start) {
  if (!event.ctrlKey && !event.metaKey) return false;
  const found = { Enter: start, s: accept, z: writing(event.target) ? null : event.shiftKey ? redo : undo }[event.key === "Enter" ? "Enter" : event.key.toLowerCase()];
  if (!found) return false;
  event.preventDefault();
  found();
  return true;
}

/** Arrows on the selected box, Enter and Escape while drawing: they work with single keys switched off, too. */
function held(event) {
  if (event.key === "Escape") {
    change(state.drawing ? { drawing: null } : { selected: null });
    return true;
  }
  if (event.key === "Enter" && state.drawing && !writing(event.target)) {
    event.preventDefault();
    drawInTheMiddle();
    return true;
  }
  const box = itemOf(state.selected)?.[`${state.view}_xyxy`];
  if (!ARROWS[event.key] || !box || writing(event.target)) return false;
  event.preventDefault();
  const [dx, dy] = ARROWS[event.key].map((way) => way * (event.shiftKey ? 10 : 1));
  const picture = state.views[state.view];
  const [x0, y0, x1, y1] = box;
  const next = event.altKey ? inside([x0, y0, Math.max(x1 + dx, x0 + 2), Math.max(y1 + dy, y0 + 2)], picture) : moved(box, dx, dy, picture);
  if (String(next) !== String(box)) put(state.view, state.selected, next);
  return true;
}

/** Somebody types, or moves a slider: letters and arrows are theirs. */
const writing = (node) => node.matches?.("input:not([type=checkbox]), textarea, select");
const written = (event) => writing(event.target) && event.target.type !== "range";

function singles(next) {
  const done = (act) => state.phase === "done" && act;
  const other = () => change({ view: state.view === "top" && state.views.side ? "side" : "top" });
  const keys = {
    j: () => step(1), k: () => step(-1), v: other, i: invert, a: accept, r: reject, n: next,
    b: () => adjust("brightness", 10), B: () => adjust("brightness", -10), c: () => adjust("contrast", 20), C: () => adjust("contrast", -20),
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(1 / 1.25), 0: plain, "?": () => help.showModal(),
    d: () => startDrawing(null), D: () => state.selected !== null && startDrawing(state.selected),
    l: () => state.selected !== null && document.getElementById("category").select(),
  };
  return (event) => {
    if (event.key === "Delete" || event.key === "Backspace") return done(event.shiftKey ? () => remove(state.selected) : () => removeBox(state.view));
    if (/^[1-9]$/.test(event.key)) return done(() => itemOf(Number(event.key) - 1) && select(Number(event.key) - 1));
    return Object.hasOwn(keys, event.key) && keys[event.key];
  };
}
