// The items as a table, and the selected one as a form: category and boxes by number, for whoever does not drag.

import { optional } from "./api.js";
import { VIEWS, change, changed, colour, edit, inside, itemOf, shown, state, watch, withoutBox } from "./state.js";
import { put } from "./views.js";

const EDGES = ["left", "top", "right", "bottom"];
const body = document.querySelector("#items tbody");
const form = document.getElementById("correct");
const category = document.getElementById("category");
let known = []; // {name, prohibited}

/** Set up the table and the form; the known categories come from the server. */
export async function open() {
  for (const view of VIEWS) form.querySelector(`[data-view=${view}]`).append(...numbers(view));
  form.addEventListener("submit", (event) => event.preventDefault());
  category.addEventListener("change", () => relabel(category.value.trim().toLowerCase()));
  category.addEventListener("keydown", leave);
  document.getElementById("remove").addEventListener("click", () => remove(state.selected));
  document.getElementById("add").addEventListener("click", () => startDrawing(null));
  body.addEventListener("click", (event) => {
    const row = event.target.closest("[data-item]");
    if (row) select(Number(row.dataset.item));
  });
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, (event) => light(event.target.closest?.("[data-item]")));
  watch(show);
  known = await optional("v1/categories", []);
  document.getElementById("categories").replaceChildren(...known.map(({ name }) => Object.assign(document.createElement("option"), { value: name })));
}

/** Enter takes a category; the same Enter must not press the button that gets the focus. */
function leave(event) {
  if (event.key !== "Enter") return;
  event.preventDefault();
  document.getElementById("accept").focus();
}

/** Select an item, or none. */
export function select(number) {
  const view = itemOf(number)?.[`${state.view}_xyxy`] ? state.view : VIEWS.find((one) => itemOf(number)?.[`${one}_xyxy`]) ?? state.view;
  change({ selected: number, view, drawing: null });
}

/** The next or the previous item. */
export function step(by) {
  if (!state.items.length) return;
  const now = state.items.findIndex((one) => one.item === state.selected);
  const next = now < 0 ? (by > 0 ? 0 : -1) : now + by;
  select(state.items.at(next % state.items.length).item);
}

/** The next drag on a view is the box of `item`, or of a new item. */
export function startDrawing(item) {
  if (state.inspection) change({ drawing: { item } });
}

/** A box in the middle of the view that the keys speak of, for whoever draws without a pointer. */
export function drawInTheMiddle() {
  const { width, height } = state.views[state.view];
  put(state.view, state.drawing.item, [0.375 * width, 0.375 * height, 0.625 * width, 0.625 * height].map(Math.round));
}

/** Delete an item with its boxes. */
export function remove(number) {
  if (itemOf(number)) edit((items) => items.filter((one) => one.item !== number), null);
}

/** Delete the selected item's box in a view. */
export function removeBox(view) {
  const one = itemOf(state.selected);
  if (!one?.[`${view}_xyxy`]) return;
  const only = VIEWS.every((other) => other === view || !one[`${other}_xyxy`]);
  edit((items) => withoutBox(items, one.item, view), only ? null : one.item);
}

function relabel(name) {
  const one = itemOf(state.selected);
  if (!one || !name || name === one.category) return;
  const prohibited = known.find((other) => other.name === name)?.prohibited ?? one.prohibited;
  edit((items) => changed(items, one.item, { category: name, prohibited }));
}

/** Highlight an item wherever it is shown: both views, list, reasoning. */
function light(node) {
  const number = node?.dataset.item;
  if (document.body.dataset.lit === number) return;
  for (const one of document.querySelectorAll(".lit")) one.classList.remove("lit");
  delete document.body.dataset.lit;
  if (number === undefined) return;
  document.body.dataset.lit = number;
  relight();
}

/** After something was drawn anew. */
function relight() {
  for (const one of document.querySelectorAll(`[data-item="${document.body.dataset.lit}"]`)) one.classList.add("lit");
}

function show() {
  const focused = body.contains(document.activeElement) ? document.activeElement.closest("[data-item]")?.dataset.item : null;
  body.replaceChildren(...state.items.map(row));
  if (!state.items.length) body.append(nothing());
  const count = state.items.length;
  document.getElementById("count").textContent = count === 1 ? "1 item" : `${count || "No"} items`;
  if (focused) body.querySelector(`[data-item="${focused}"] button`)?.focus();
  showForm(itemOf(state.selected));
  relight();
}

function row(one) {
  const node = document.createElement("tr");
  node.dataset.item = one.item;
  node.className = colour(one.item);
  if (one.item === state.selected) node.classList.add("selected");
  const number = Object.assign(document.createElement("button"), { type: "button", className: "number", textContent: shown(one.item) });
  number.setAttribute("aria-label", `Item ${shown(one.item)}, ${one.category}`);
  number.setAttribute("aria-pressed", String(one.item === state.selected));
  const name = document.createElement("td");
  name.append(one.category);
  if (one.prohibited) name.append(Object.assign(document.createElement("span"), { className: "prohibited", textContent: "prohibited" }));
  const head = document.createElement("td");
  head.append(number);
  node.append(head, name, ...VIEWS.map((view) => seen(one[`${view}_xyxy`])), cell(sureness(one)));
  return node;
}

function cell(text) {
  return Object.assign(document.createElement("td"), { className: "figure", textContent: text });
}

function nothing() {
  const node = document.createElement("tr");
  node.append(Object.assign(cell(state.inspection?.state === "unreadable" ? "No item could be read." : "The model names no item."), { colSpan: 5, className: "quiet" }));
  return node;
}

/** Whether there is a box: a sign to see, a word to hear, its size on the pointer. */
function seen(box) {
  const node = cell("");
  node.append(Object.assign(document.createElement("span"), { ariaHidden: "true", textContent: box ? "✓" : "–" }));
  node.append(Object.assign(document.createElement("span"), { className: "unseen", textContent: box ? "box" : "no box" }));
  if (box) node.title = `${Math.round(box[2] - box[0])} × ${Math.round(box[3] - box[1])} pixels`;
  return node;
}

const sureness = (one) => (one.confidence === null ? "none" : one.confidence.toFixed(2));

function numbers(view) {
  const edges = EDGES.map((edge, index) => {
    const input = Object.assign(document.createElement("input"), { type: "number", min: 0, name: edge, inputMode: "numeric" });
    input.addEventListener("change", () => setEdge(view, index, Number(input.value)));
    const label = document.createElement("label");
    label.append(edge, input);
    return label;
  });
  const button = (name, text, act) => {
    const node = Object.assign(document.createElement("button"), { type: "button", name, textContent: text });
    node.addEventListener("click", act);
    return node;
  };
  return [...edges, button("draw", "Draw", () => drawHere(view)), button("remove", "Remove", () => removeBox(view))];
}

function drawHere(view) {
  change({ view });
  startDrawing(state.selected);
}

function setEdge(view, index, value) {
  const one = itemOf(state.selected);
  const box = one?.[`${view}_xyxy`]?.with(index, value);
  if (box) put(view, one.item, inside(box, state.views[view]));
}

function showForm(one) {
  form.hidden = !one;
  if (!one) return;
  document.getElementById("correct-title").textContent = `Item ${shown(one.item)}`;
  if (document.activeElement !== category || category.dataset.of !== String(one.item)) category.value = one.category;
  category.dataset.of = one.item;
  for (const view of VIEWS) {
    const group = form.querySelector(`[data-view=${view}]`);
    const box = one[`${view}_xyxy`];
    group.hidden = !state.views[view];
    group.classList.toggle("none", !box);
    EDGES.forEach((edge, index) => { group.elements[edge].value = box ? Math.round(box[index]) : ""; });
    group.elements.draw.textContent = box ? "Draw again" : "Draw";
    group.elements.remove.hidden = !box;
  }
}
