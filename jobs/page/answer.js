// What the model said: its thinking as it comes, then the verdict by word and icon, what is wrong with the answer, and the reasoning.

import { advice, key } from "./api.js";
import { colour, state, watch } from "./state.js";

const PARTS = ["top", "side", "conclusion"];
const WORD = {
  threat: ["Threat", "Prohibited items are named."],
  clear: ["Clear", "The model names nothing prohibited."],
  unknown: ["Unknown", "No verdict. Inspect the bag yourself."],
};
const STAGES = { none: "Looking at the views", top: "Reading the top view", side: "Reading the side view", conclusion: "Concluding", answer: "Answering" };
const element = (id) => document.getElementById(id);
const spoken = { text: "" };

export function open() {
  watch(show);
}

/** Say a sentence to screen readers, once. */
export function say(text) {
  if (spoken.text === text) return;
  spoken.text = text;
  element("said").textContent = text;
}

function show() {
  const { phase, inspection, failure } = state;
  document.body.dataset.phase = phase;
  element("thinking").hidden = phase !== "thinking";
  element("result").hidden = phase !== "done";
  element("reasoning").hidden = phase !== "done" && !(phase === "thinking" && state.thought);
  element("failure").hidden = phase !== "failed";
  if (phase === "thinking") showThought(state.thought);
  if (phase === "done") showAnswer(inspection);
  if (phase === "failed" && element("failure").dataset.shown !== failure.message) showFailure(failure);
  if (phase !== "failed") delete element("failure").dataset.shown;
}

/** Sections as far as they have come; what stands outside of them is shown as it is. */
function showThought(text) {
  const found = {};
  for (const [, name, words] of text.matchAll(/<(top|side|conclusion|answer)>((?:(?!<\/?(?:top|side|conclusion|answer)>).)*)/gs)) found[name] ??= words;
  const last = Object.keys(found).at(-1) ?? "none";
  element("stage-word").textContent = text ? STAGES[last] : element("stage-word").textContent;
  if (text) say(STAGES[last]);
  for (const part of PARTS) {
    const shown = (found[part] ?? "").replace(/<box>[^<]*(<\/box>)?/g, "▢").replace(/<[^>]*$/, "");
    words(part, shown || (part === "top" && last === "none" ? text : ""), false);
  }
  section("side").hidden = !state.views.side;
  element("own").hidden = true;
}

function showAnswer(inspection) {
  const mark = `${inspection.id}/${state.items.length}/${state.items.map((one) => one.item)}`;
  if (element("result").dataset.of === mark) return;
  element("result").dataset.of = mark;
  const [word, meaning] = WORD[inspection.verdict];
  element("verdict").className = inspection.verdict;
  element("verdict").querySelector("use").setAttribute("href", `#icon-${inspection.verdict}`);
  element("verdict").querySelector("strong").textContent = word;
  element("verdict").querySelector("p span").textContent = inspection.answer ? `${meaning} Answer: ${inspection.answer}` : meaning;
  element("notes").replaceChildren(...notes(inspection));
  for (const part of PARTS) words(part, inspection.reasoning[part], inspection.state === "unreadable");
  section("side").hidden = !state.views.side;
  element("own").hidden = false;
  element("own").open = inspection.state === "unreadable";
  element("own").querySelector("pre").textContent = inspection.text;
  element("source").textContent = source(inspection.items);
  element("timings").textContent = timings(inspection);
  element("word").textContent = word;
  element("word").className = inspection.verdict;
}

/** Repaired or unreadable, said plainly, with everything that is wrong. */
function notes({ state: reading, problems }) {
  const found = [];
  if (reading !== "whole") {
    const box = Object.assign(document.createElement("div"), { className: `note ${reading}` });
    const title = reading === "repaired" ? "Repaired" : "Unreadable";
    const meaning = reading === "repaired"
      ? "The answer was not in the form expected. What could be read for certain is shown; check every box."
      : "The answer could not be read, and nothing was guessed. Inspect the bag yourself.";
    box.append(tag("p", tag("strong", title), ` ${meaning}`), tag("ul", ...problems.map((one) => tag("li", one))));
    found.push(box);
  }
  return found;
}

function tag(name, ...inner) {
  const node = document.createElement(name);
  node.append(...inner);
  return node;
}

const section = (part) => document.querySelector(`#reasoning [data-part=${part}]`);

/** A section's words; [2] becomes a mark that lights item 2 up. */
function words(part, text, unreadable) {
  const paragraph = section(part).querySelector("p");
  const pieces = (text ?? "").split(/\[(\d+)\]/);
  paragraph.replaceChildren(...pieces.map((piece, index) => (index % 2 ? reference(piece) : piece)));
  paragraph.classList.toggle("quiet", !text);
  if (!text && state.phase === "done") paragraph.textContent = unreadable ? "Could not be read." : "Nothing said.";
}

function reference(number) {
  const item = Number(number) - 1;
  const node = Object.assign(document.createElement("button"), { type: "button", className: `reference ${colour(item)}`, textContent: number });
  node.dataset.item = item;
  node.setAttribute("aria-label", `item ${number}`);
  return node;
}

/** Where the confidence of the items comes from. */
function source(items) {
  const sources = [...new Set(items.map((one) => one.confidence_source))].filter((one) => one !== "none");
  return items.length ? `Confidence: ${sources.join(", ") || "none given by this model"}.` : "";
}

function timings({ timings: { queued_s, first_token_s, total_s }, version, model }) {
  const s = (seconds) => `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const first = first_token_s === null || first_token_s === undefined ? "" : `, first word after ${s(first_token_s)}`;
  return `${version ?? model}: ${s(total_s)} in all${first}, ${s(queued_s)} waiting.`;
}

function showFailure(failure) {
  const { title, todo } = advice(failure);
  const box = element("failure");
  box.dataset.shown = failure.message;
  const wait = Object.assign(document.createElement("p"), { id: "wait", className: "quiet" });
  box.replaceChildren(tag("h3", title), tag("p", failure.message), tag("p", todo), wait);
  if (failure.status === 401) {
    element("key-form").hidden = false;
    element("show-key").setAttribute("aria-expanded", "true");
    queueMicrotask(() => element("key").select());
  }
  if (!key.get() && failure.status === 401) box.querySelector("h3").textContent = "A key is needed";
}
