// What the page knows: one value, changed through `change` and `edit`, watched through `watch`. Corrections can be taken back.
//
//     edit((items) => without(items, 2));      // a new list of items; the old one is kept for undo
//     watch((state) => show(state.items));     // called after every change

export const VIEWS = ["top", "side"];

/** An empty desk: no views, nothing said. */
function fresh() {
  return {
    phase: "empty", // empty | thinking | done | failed
    views: { top: null, side: null }, // {file, url, width, height}
    inspection: null, // as /v1/inspect gave it
    items: [], // as it stands now
    past: [], // what undo goes back to, last one last
    future: [],
    selected: null, // number of an item
    view: "top", // the view that keys speak of
    drawing: null, // null | {item: number | null}: the next drag is a box of that item, or of a new one
    failure: null, // a Refusal
    until: 0, // the server asked not to be asked before, on the clock of performance.now()
    thought: "", // what the model has said so far
    decision: null, // {action, state: "waiting" | "sending" | "saved" | "refused", ...}
  };
}

export const state = fresh();
const watchers = new Set();
let asked = false;

/** Call `watcher` with the state after every change; changes of one turn come together. */
export function watch(watcher) {
  watchers.add(watcher);
}

/** Set some of the state. */
export function change(some) {
  Object.assign(state, some);
  if (asked) return;
  asked = true;
  queueMicrotask(() => {
    asked = false;
    for (const watcher of watchers) watcher(state);
  });
}

/** Everything as at the beginning. */
export function clear() {
  for (const view of VIEWS) if (state.views[view]) URL.revokeObjectURL(state.views[view].url);
  change(fresh());
}

/** Correct the items: `next` makes a new list of them. Corrections after a decision make a new decision possible. */
export function edit(next, selected = state.selected) {
  const items = next(state.items);
  if (items === state.items) return;
  change({ items, past: [...state.past, state.items], future: [], selected, decision: null });
}

/** Take the last correction back. */
export function undo() {
  if (!state.past.length) return;
  const items = state.past.at(-1);
  change({ items, past: state.past.slice(0, -1), future: [state.items, ...state.future], decision: null, ...still(items) });
}

/** And do it again. */
export function redo() {
  if (!state.future.length) return;
  const [items, ...future] = state.future;
  change({ items, past: [...state.past, state.items], future, decision: null, ...still(items) });
}

/** Whether anything differs from what the model said. */
export function corrected() {
  return state.inspection !== null && JSON.stringify(state.items) !== JSON.stringify(state.inspection.items);
}

export function itemOf(number) {
  return state.items.find((one) => one.item === number) ?? null;
}

/** The colour class of an item: seven colours that colour-blind people tell apart, then the same dashed. */
export function colour(number) {
  return `colour-${number % 7}${Math.floor(number / 7) % 2 ? " dashed" : ""}`;
}

/** The number that people see. */
export function shown(number) {
  return String(number + 1);
}

export function changed(items, number, some) {
  return items.map((one) => (one.item === number ? { ...one, ...some } : one));
}

/** Without an item's box in a view; an item without any box is gone. */
export function withoutBox(items, number, view) {
  const rest = changed(items, number, { [`${view}_xyxy`]: null });
  return rest.filter((one) => one.item !== number || one.top_xyxy || one.side_xyxy);
}

/** With a new item that an inspector drew. */
export function withNew(items, view, xyxy, category) {
  const number = items.reduce((most, one) => Math.max(most, one.item), -1) + 1;
  const none = { top_xyxy: null, side_xyxy: null, confidence: null, confidence_source: "none" };
  return [...items, { item: number, category: category.name, prohibited: category.prohibited, ...none, [`${view}_xyxy`]: xyxy }];
}

/** A box of whole pixels inside its view, at least 2 wide and high. */
export function inside([x0, y0, x1, y1], { width, height }) {
  const sorted = (a, b, most) => {
    const low = Math.round(Math.max(0, Math.min(a, b, most - 2)));
    return [low, Math.round(Math.min(most, Math.max(a, b, low + 2)))];
  };
  const [left, right] = sorted(x0, x1, width);
  const [top, bottom] = sorted(y0, y1, height);
  return [left, top, right, bottom];
}

/** A box moved without changing its size, as far as its view allows. */
export function moved([x0, y0, x1, y1], dx, dy, { width, height }) {
  const x = Math.min(Math.max(dx, -x0), width - x1);
  const y = Math.min(Math.max(dy, -y0), height - y1);
  return [x0 + x, y0 + y, x1 + x, y1 + y].map(Math.round);
}

function still(items) {
  return { selected: items.some((one) => one.item === state.selected) ? state.selected : null };
}
