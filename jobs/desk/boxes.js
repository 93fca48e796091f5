// Boxes as values: every change gives a new list. A box is {item, category, top: [x, y, x, y] or null, side: ..., attributes}.
// The belt runs along x in both views: where an item's two boxes share their x-range, moving one along x moves the other.

const NEAR_PX = 4;
const SMALLEST_PX = 3;
export const VIEWS = ["top", "side"];

export const otherView = (view) => (view === "top" ? "side" : "top");
export const colourOf = (item) => `hsl(${(item * 137.5 + 15) % 360} 95% 42%)`;
export const copied = (value) => JSON.parse(JSON.stringify(value));

export function linked(box) {
  return Boolean(box.top && box.side) && Math.abs(box.top[0] - box.side[0]) <= NEAR_PX && Math.abs(box.top[2] - box.side[2]) <= NEAR_PX;
}

export function inside(xyxy, size) {
  const [left, right] = [xyxy[0], xyxy[2]].map((x) => Math.min(Math.max(x, 0), size.width)).sort((a, b) => a - b);
  const [up, down] = [xyxy[1], xyxy[3]].map((y) => Math.min(Math.max(y, 0), size.height)).sort((a, b) => a - b);
  return [left, up, right, down].map((edge) => Math.round(edge * 10) / 10);
}

export const bigEnough = (xyxy) => xyxy[2] - xyxy[0] >= SMALLEST_PX && xyxy[3] - xyxy[1] >= SMALLEST_PX;

// Moved whole: stays inside without changing its size.
export function moved(xyxy, dx, dy, size) {
  const x = Math.min(Math.max(dx, -xyxy[0]), size.width - xyxy[2]);
  const y = Math.min(Math.max(dy, -xyxy[1]), size.height - xyxy[3]);
  return [xyxy[0] + x, xyxy[1] + y, xyxy[2] + x, xyxy[3] + y].map((edge) => Math.round(edge * 10) / 10);
}

// edges: letters of those that move, "nw", "e", ...
export function resized(xyxy, edges, dx, dy, size) {
  const box = [...xyxy];
  if (edges.includes("w")) box[0] = Math.min(box[0] + dx, box[2] - SMALLEST_PX);
  if (edges.includes("e")) box[2] = Math.max(box[2] + dx, box[0] + SMALLEST_PX);
  if (edges.includes("n")) box[1] = Math.min(box[1] + dy, box[3] - SMALLEST_PX);
  if (edges.includes("s")) box[3] = Math.max(box[3] + dy, box[1] + SMALLEST_PX);
  return inside(box, size);
}

// The list with one item's box in one view replaced, and its x-range in the other view where the two go together.
export function placed(boxes, item, view, xyxy, sizes, keepX = true) {
  return boxes.map((box) => {
    if (box.item !== item) return box;
    const other = otherView(view);
    const along = keepX && linked(box) && sizes[other];
    const there = along ? inside([xyxy[0], box[other][1], xyxy[2], box[other][3]], sizes[other]) : box[other];
    return { ...box, [view]: xyxy, [other]: there };
  });
}

// A new box: of the chosen item where it has none in this view, else of a new item, of which `told` is said.
export function drawn(boxes, chosen, view, xyxy, told) {
  const box = boxes.find((one) => one.item === chosen);
  if (box && !box[view]) return { boxes: boxes.map((one) => (one === box ? { ...one, [view]: xyxy } : one)), item: chosen };
  const item = boxes.length ? Math.max(...boxes.map((one) => one.item)) + 1 : 0;
  return { boxes: [...boxes, { item, ...told, top: null, side: null, [view]: xyxy }], item };
}

// Without one item's box in a view; an item without any box is gone.
export function removed(boxes, item, view) {
  const left = boxes.map((box) => (box.item === item ? { ...box, [view]: null } : box));
  return left.filter((box) => box.item !== item || box.top || box.side);
}

export const without = (boxes, item) => boxes.filter((box) => box.item !== item);

export function relabelled(boxes, item, changes) {
  return boxes.map((box) => (box.item === item ? { ...box, ...changes } : box));
}

// "move", the letters of an edge or corner, or null: what a point within `near` pixels of a box takes hold of.
export function grip(xyxy, x, y, near) {
  const [left, up, right, down] = xyxy;
  if (x < left - near || x > right + near || y < up - near || y > down + near) return null;
  const nears = (a, b) => Math.abs(a - b) <= near;
  const letters = (nears(y, up) ? "n" : nears(y, down) ? "s" : "") + (nears(x, left) ? "w" : nears(x, right) ? "e" : "");
  return letters || "move";
}
