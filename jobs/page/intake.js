// How views and the key come in: dropped, chosen, pasted, or an example bag; then the question, then "Inspect".

import { key, optional, picture } from "./api.js";
import { VIEWS, change, state, watch } from "./state.js";
import { say } from "./answer.js";
import * as outbox from "./outbox.js";

const element = (id) => document.getElementById(id);
const pane = (view) => document.querySelector(`.pane[data-view=${view}]`);
const KINDS = ["image/png", "image/jpeg"];

/** Set up both panes, the examples and the key; `start` begins an inspection. */
export async function open(start) {
  for (const view of VIEWS) {
    const input = pane(view).querySelector("input[type=file]");
    input.addEventListener("change", () => { take([...input.files], view); input.value = ""; });
    pane(view).querySelector(".replace").addEventListener("click", () => input.click());
  }
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, over);
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? aim(null));
  document.addEventListener("drop", dropped);
  document.addEventListener("paste", (event) => event.clipboardData.files.length && take([...event.clipboardData.files], null));
  element("ask").addEventListener("submit", (event) => { event.preventDefault(); start(); });
  element("swap").addEventListener("click", swap);
  element("show-key").addEventListener("click", () => showKey(element("key-form").hidden));
  element("key-form").addEventListener("submit", (event) => { event.preventDefault(); setKey(); });
  watch(show);
  showKey(!key.get());
  await listExamples();
}

/** Take pictures in: one into `view`, two by their names or in their order. */
export async function take(files, view) {
  const wrong = files.find((file) => !KINDS.includes(file.type));
  if (wrong) return complain(`${wrong.name} is no PNG or JPEG.`);
  if (files.length > 2) return complain(`Expected one or two pictures, found ${files.length}.`);
  if (files.length === 2) files.sort((a, b) => /side/i.test(a.name) - /side/i.test(b.name) || a.name.localeCompare(b.name));
  const free = VIEWS.find((one) => !state.views[one]) ?? "top";
  const places = files.length === 2 ? VIEWS : [view ?? (/side/i.test(files[0].name) ? "side" : free)];
  for (const [index, place] of places.entries()) await load(files[index], place);
}

async function load(file, view) {
  const url = URL.createObjectURL(file);
  const image = pane(view).querySelector("img");
  image.src = url;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(url);
    return complain(`${file.name} cannot be read as a picture.`);
  }
  if (state.views[view]) URL.revokeObjectURL(state.views[view].url);
  const views = { ...state.views, [view]: { file, url, width: image.naturalWidth, height: image.naturalHeight } };
  change({ views, phase: "empty", inspection: null, items: [], past: [], future: [], selected: null, decision: null, failure: null });
  say(`${view} view: ${file.name}, ${image.naturalWidth} by ${image.naturalHeight} pixels`);
}

function complain(message) {
  change({ phase: "failed", failure: Object.assign(new Error(message), { status: 415, code: "not_a_picture", after: null }) });
}

function swap() {
  const { top, side } = state.views;
  change({ views: { top: side, side: top } });
}

function over(event) {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  aim(event.target.closest?.(".pane"));
}

function aim(target) {
  for (const view of VIEWS) pane(view).classList.toggle("aimed", pane(view) === target);
}

function dropped(event) {
  event.preventDefault();
  aim(null);
  if (state.phase !== "thinking") take([...event.dataTransfer.files], event.target.closest?.(".pane")?.dataset.view ?? null);
}

function show() {
  for (const view of VIEWS) {
    const picked = state.views[view];
    const [stage, image] = [pane(view).querySelector(".stage"), pane(view).querySelector("img")];
    stage.hidden = !picked;
    pane(view).querySelector(".drop").hidden = Boolean(picked);
    pane(view).querySelector(".replace").hidden = !picked || state.phase === "thinking";
    pane(view).querySelector(".size").textContent = picked ? `${picked.width} × ${picked.height} px` : "";
    if (picked && image.src !== picked.url) image.src = picked.url;
    if (!picked) image.removeAttribute("src");
    image.alt = picked ? `X-ray of the bag, ${view} view; its boxes are in the list of items` : "";
  }
  const asking = ["empty", "failed"].includes(state.phase);
  element("ask").hidden = !asking;
  element("examples").hidden = !asking || !element("examples").querySelector("li") || VIEWS.some((view) => state.views[view]);
  element("inspect").disabled = !state.views.top || state.until > performance.now();
  element("swap").hidden = !state.views.side;
  element("next").hidden = !state.views.top && !state.views.side;
  element("ask").querySelector(".lead").textContent = state.views.top ? "Ready." : "Give the top view of a bag, and the side view if there is one.";
}

function showKey(visible) {
  element("key-form").hidden = !visible;
  element("show-key").setAttribute("aria-expanded", String(visible));
  element("show-key").classList.toggle("set", Boolean(key.get()));
}

function setKey() {
  key.set(element("key").value.trim());
  element("key").value = "";
  showKey(!key.get());
  say(key.get() ? "Key set" : "No key");
  outbox.now();
  (state.views.top ? element("inspect") : element("question")).focus();
}

async function listExamples() {
  const examples = await optional("v1/examples", []);
  const items = examples.map((example) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append(...[example.top, example.side].filter(Boolean).map((src) => Object.assign(new Image(), { src, alt: "" })), example.name);
    button.addEventListener("click", () => choose(example));
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  element("examples").querySelector("ul").replaceChildren(...items);
  change({});
}

async function choose({ name, top, side }) {
  try {
    await load(await picture(top, `${name} top.png`), "top");
    if (side) await load(await picture(side, `${name} side.png`), "side");
    element("inspect").focus();
  } catch (refusal) {
    change({ phase: "failed", failure: refusal });
  }
}
