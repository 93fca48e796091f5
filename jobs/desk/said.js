// What an item says, what a person has made of it, and the event that carries it to the desk.

import { newId } from "./link.js";

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// As the version has it.
export function original({ boxes, caption, question }) {
  return { boxes, ...(caption ? { caption } : {}), ...(question ? { question } : {}) };
}

// As it is on the desk now.
export function content({ item, boxes, words, asked }) {
  return { boxes, ...(item.caption ? { caption: words } : {}), ...(item.question ? { question: asked } : {}) };
}

export const changed = (desk) => Boolean(desk.item) && !same(content(desk), original(desk.item));

// What a person sees first: their draft, else what they decided, else what the version has.
export function begun(item) {
  const said = item.draft || item.own?.after || {};
  return { boxes: said.boxes || item.boxes, words: said.caption || item.caption, asked: said.question || item.question };
}

export function event(desk, action, more = {}) {
  const { item, digest } = desk.item;
  return { id: newId(), item, digest, action, seconds: (performance.now() - desk.began) / 1000, ...more };
}

export function acceptance(desk) {
  return changed(desk) ? event(desk, "edit", { before: original(desk.item), after: content(desk) }) : event(desk, "accept");
}
