// The right side: what is said of the scan. A caption in its parts with what the screens object to, a question with its options,
// the items with their attributes, and what others said where they differ.

import * as ops from "./boxes.js";
import { make, select } from "./frame.js";
import { changed } from "./said.js";

const SCENES = [["top", "Top view"], ["side", "Side view"], ["whole", "Both together"]];
const ATTRIBUTES = [["category", "category"], ["colour", "colour"], ["quantity", "quantity"], ["container", "container"], ["top_place", "place"], ["side_place", "place"]];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export function fill(desk) {
  const { item } = desk;
  const kept = desk.frame.panel.scrollTop;
  desk.frame.panel.replaceChildren(...(item ? parts(desk, item) : [nothing(desk)]).filter(Boolean));
  desk.frame.panel.scrollTop = desk.filled === item ? kept : 0;
  desk.filled = item;
}

function nothing(desk) {
  const filtered = Object.values(desk.filters).some(Boolean);
  return make("div", { className: "nothing" }, make("h2", {}, "Nothing waits for you here."),
    make("p", {}, filtered ? "Other filters may show more." : "All items are decided on, or in other people's hands. Press J to look again."));
}

function parts(desk, item) {
  return [
    head(desk, item),
    item.others.length ? others(item) : null,
    item.broken ? make("p", { className: "bad" }, item.broken) : null,
    item.question ? question(desk) : null,
    item.caption ? caption(desk, item) : null,
    ...findings(item),
    items(desk),
  ];
}

function head(desk, item) {
  const own = item.own ? make("span", { className: `badge ${item.own.action}` }, `you: ${item.own.action}${item.own.reason ? `, ${item.own.reason}` : ""}`) : null;
  const flag = item.flag ? make("span", { className: "badge flag" }, "flagged") : null;
  const stale = item.stale.length ? make("span", { className: "badge stale", title: "the item has changed since" }, `decided before it changed: ${item.stale.map((one) => one.action).join(", ")}`) : null;
  const edited = changed(desk) ? make("span", { className: "badge edit" }, "changed") : null;
  return make("header", {}, make("h2", {}, `${item.place} of ${desk.info.counts.all}`), make("small", {}, item.title), own, flag, stale, edited);
}

function others(item) {
  const said = item.others.map((one) => make("li", {}, make("b", {}, `round ${one.round}: ${one.action}`), one.reason ? `, ${one.reason}` : "", one.after ? difference(item, one.after) : null));
  return make("section", { className: "others" }, make("h3", {}, "Two people differ"), make("ul", {}, ...said));
}

// What somebody made of the item, in words.
function difference(item, after) {
  const texts = [];
  for (const [key, title] of SCENES) if (after.caption && after.caption[key] !== item.caption?.[key]) texts.push(`${title}: ${after.caption[key]}`);
  const before = new Map(item.boxes.map((box) => [box.item, JSON.stringify(box)]));
  for (const box of after.boxes || []) if (before.get(box.item) !== JSON.stringify(box)) texts.push(`item ${box.item}: ${box.category}, top ${box.top ?? "none"}, side ${box.side ?? "none"}`);
  for (const box of item.boxes) if (after.boxes && !after.boxes.some((one) => one.item === box.item)) texts.push(`item ${box.item} deleted`);
  if (after.question && item.question) for (const key of ["question", "options", "answer"]) if (JSON.stringify(after.question[key]) !== JSON.stringify(item.question[key])) texts.push(`${key}: ${after.question[key]}`);
  return make("ul", {}, ...texts.map((text) => make("li", {}, text)));
}

function field(desk, value, label, keep) {
  const area = make("textarea", { value, "aria-label": label, rows: Math.max(2, Math.ceil(value.length / 46)), maxLength: 4000 });
  area.addEventListener("input", () => {
    keep(area.value);
    desk.settleText();
  });
  return area;
}

function caption(desk, item) {
  const marked = new Map((item.marked?.parts || []).map((part) => [part.name, part]));
  const scenes = SCENES.filter(([name]) => item.caption[name] !== null).map(([name, title]) => {
    const text = desk.words[name] ?? "";
    const keep = (value) => { desk.words = { ...desk.words, [name]: value }; };
    const body = desk.writing ? field(desk, text, title, keep) : make("p", {}, ...(text === item.caption[name] ? spans(text, marked.get(name)) : [text]));
    return make("section", {}, make("h3", {}, title), body);
  });
  return make("div", { className: "caption" }, ...scenes);
}

// Python counts letters by code point, JavaScript by halves of them.
function spans(text, part) {
  const letters = [...text];
  const found = [];
  let at = 0;
  for (const span of part?.spans || []) {
    found.push(letters.slice(at, span.start).join(""), make("mark", { className: span.kind, title: span.why }, letters.slice(span.start, span.end).join("")));
    at = span.end;
  }
  return [...found, letters.slice(at).join("")];
}

function findings(item) {
  if (!item.marked?.percents) return [];
  const percents = Object.entries(item.marked.percents).map(([name, value]) => make("span", { className: "percent" }, `${name} ${value === null ? "–" : `${Math.round(value)} %`}`));
  const list = (title, name, said) => Object.keys(said).length
    ? make("section", { className: name }, make("h3", {}, title), make("ul", {}, ...Object.entries(said).map(([key, why]) => make("li", { title: key }, why))))
    : null;
  const objections = Object.fromEntries(item.marked.parts.flatMap((part) => part.spans.map((span) => [`${part.name}/${span.start}`, span.why])));
  return [make("div", { className: "percents" }, ...percents), list("Missing", "missing", item.marked.missing), list("Not supported", "unsupported", { ...objections, ...item.marked.notes })];
}

function question(desk) {
  const { asked } = desk;
  const keep = (changes) => { desk.asked = { ...desk.asked, ...changes }; };
  const options = asked.options.map((option, index) => {
    const letter = LETTERS[index];
    const right = make("input", { type: "radio", name: "answer", checked: asked.answer === letter, "aria-label": `${letter} is right` });
    right.addEventListener("change", () => {
      keep({ answer: letter });
      desk.settle();
    });
    const text = desk.writing ? field(desk, option, `option ${letter}`, (value) => keep({ options: desk.asked.options.map((one, k) => (k === index ? value : one)) })) : make("span", {}, option);
    return make("li", { className: asked.answer === letter ? "right" : "" }, desk.writing ? right : null, make("b", {}, letter), text);
  });
  const text = desk.writing ? field(desk, asked.question, "question", (value) => keep({ question: value })) : make("p", {}, asked.question);
  return make("section", { className: "question" }, make("h3", {}, `Question (${asked.task})`), text, make("ol", {}, ...options));
}

function items(desk) {
  const rows = desk.boxes.map((box) => {
    const chosen = box.item === desk.chosen;
    const swatch = make("i", { className: "swatch" });
    swatch.style.background = ops.colourOf(box.item);
    const views = ops.VIEWS.filter((view) => box[view]).join(" + ") || "no box";
    const name = make("button", { className: "name", "aria-pressed": String(chosen), onclick: () => desk.choose(box.item) }, swatch, `${box.item} ${box.category}`, make("small", {}, ops.linked(box) ? `${views}, linked` : views));
    return make("li", { className: chosen ? "chosen" : "" }, name, chosen ? attributes(desk, box) : null, chosen && box.text ? make("p", { className: "text" }, box.text) : null);
  });
  return rows.length ? make("section", { className: "items" }, make("h3", {}, "Items"), make("ul", {}, ...rows)) : null;
}

function attributes(desk, box) {
  const { words } = desk.info;
  const fields = ATTRIBUTES.filter(([name]) => name === "category" || name in box || "colour" in box).map(([name, list]) => {
    const change = (value) => desk.change(ops.relabelled(desk.boxes, box.item, { [name]: read(name, value) }));
    const label = name.replace("_", " ");
    return make("label", {}, label, select(label, words[list], box[name], change, name === "category" ? null : "not told"));
  });
  return make("div", { className: "attributes", "data-attributes": "" }, ...fields);
}

const read = (name, value) => (value === "" ? null : name === "quantity" && /^\d+$/.test(value) ? Number(value) : value);
