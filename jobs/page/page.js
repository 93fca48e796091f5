// The inspector's page: wires the parts together and runs an inspection from the views to the answer.

import * as answer from "./answer.js";
import { Refusal, inspect, key, optional } from "./api.js";
import * as decide from "./decide.js";
import * as intake from "./intake.js";
import * as items from "./items.js";
import * as keys from "./keys.js";
import { change, clear, state, watch } from "./state.js";
import * as views from "./views.js";

const element = (id) => document.getElementById(id);
let stop = null; // ends the inspection that is going on
let waiting = null; // counts the seconds that the server asked for

async function start() {
  if (!state.views.top || !["empty", "failed"].includes(state.phase) || element("inspect").disabled) return;
  stop = new AbortController();
  const since = performance.now();
  const clock = setInterval(() => { element("elapsed").textContent = `${Math.round((performance.now() - since) / 1000)} s`; }, 1000);
  element("elapsed").textContent = "";
  element("stage-word").textContent = "Sending the views";
  change({ phase: "thinking", thought: "", failure: null });
  answer.say("The views are sent; the model thinks.");
  try {
    done(await inspect({
      top: state.views.top.file,
      side: state.views.side?.file,
      question: element("question").value.trim(),
      signal: stop.signal,
      onDelta: (text) => change({ thought: state.thought + text }),
    }));
  } catch (error) {
    failed(error);
  } finally {
    clearInterval(clock);
  }
}

function done(inspection) {
  const count = inspection.items.length;
  change({ phase: "done", inspection, items: inspection.items, past: [], future: [], selected: null, decision: null });
  element("model").textContent = inspection.version ?? inspection.model;
  answer.say(`Verdict: ${inspection.verdict}. ${count === 1 ? "1 item" : `${count} items`}. The answer was ${inspection.state}.`);
  queueMicrotask(() => element("findings").focus({ preventScroll: true }));
}

function failed(error) {
  if (error.name === "AbortError") return change({ phase: "empty" });
  const failure = error instanceof Refusal ? error : new Refusal(0, "page", `The page could not read the answer (${error.message}).`);
  change({ phase: "failed", failure });
  queueMicrotask(() => element("failure").scrollIntoView({ block: "nearest" }));
  if (failure.after) wait(Math.ceil(failure.after));
}

/** Keep "Inspect" shut for as long as the server asked. */
function wait(seconds) {
  clearInterval(waiting);
  change({ until: performance.now() + seconds * 1000 });
  const tick = () => {
    const left = Math.ceil((state.until - performance.now()) / 1000);
    if (left <= 0) clearInterval(waiting);
    if (left <= 0) change({ until: 0 });
    if (element("wait")) element("wait").textContent = left > 0 ? `Try again in ${left} s.` : "You can try again now.";
  };
  waiting = setInterval(tick, 500);
  queueMicrotask(tick);
}

function next() {
  if (!state.views.top && !state.views.side) return;
  stop?.abort();
  clear();
  element("question").value = "";
  queueMicrotask(() => document.querySelector(".pane[data-view=top] input").focus());
}

async function nameModel() {
  const { data = [] } = key.get() ? await optional("v1/models", {}) : {};
  if (data[0] && !element("model").textContent) element("model").textContent = data[0].id;
}

intake.open(start);
views.open();
answer.open();
items.open();
decide.open();
keys.open(start, next);
element("stop").addEventListener("click", () => stop?.abort());
element("next").addEventListener("click", next);
watch(() => document.title = `${{ empty: "Inspect a bag", thinking: "Thinking…", failed: "Not inspected", done: state.inspection?.verdict ?? "" }[state.phase]} – Beltline`);
change({});
element("key-form").addEventListener("submit", nameModel);
nameModel();
