// What the inspector decides: accept, save the correction, reject with a reason; sent through the outbox, with a visible "saved".

import * as outbox from "./outbox.js";
import { change, corrected, redo, state, undo, watch } from "./state.js";

const element = (id) => document.getElementById(id);
const dialog = element("reject-dialog");
let earlier = null; // what became of a decision on another bag, or from before a reload
const DONE = { accept: "Accepted", edit: "Correction", reject: "Rejection" };

export function open() {
  element("accept").addEventListener("click", accept);
  element("reject").addEventListener("click", reject);
  element("undo").addEventListener("click", undo);
  element("redo").addEventListener("click", redo);
  element("again").addEventListener("click", () => outbox.now());
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", submitted);
  watch(show);
  outbox.open(heard);
}

/** Accept the answer as it is, or save it as corrected. */
export function accept() {
  if (!element("accept").disabled && !element("decide").hidden) decide(corrected() ? "edit" : "accept", null);
}

/** Ask for the reason. */
export function reject() {
  if (element("reject").disabled || element("decide").hidden) return;
  element("reject-problem").textContent = "";
  dialog.querySelector("form").reset();
  dialog.showModal();
}

function submitted(event) {
  const why = new FormData(event.target).get("why");
  const more = element("more").value.trim();
  if (!why && !more) return refuse(event, "Choose a reason, or write one.");
  if (why === "other" && !more) return refuse(event, "Write what is wrong.");
  decide("reject", [why, more].filter((part) => part && part !== "other").join(": "));
}

function refuse(event, problem) {
  event.preventDefault();
  element("reject-problem").textContent = problem;
}

function decide(action, reason) {
  const event = outbox.newEvent();
  earlier = null;
  change({ decision: { event, action, state: "sending" } });
  outbox.send({ inspection: state.inspection.id, action, items: state.items, reason, event });
}

function heard(event, news) {
  if (state.decision?.event === event) return change({ decision: { event, ...news } });
  earlier = { event, ...news };
  change({});
}

function show() {
  const told = earlier && (earlier.state !== "saved" || state.phase === "empty") ? earlier : null;
  const decision = state.decision ?? told;
  const done = state.phase === "done";
  const sent = state.decision !== null && state.decision.state !== "refused";
  const nothing = state.inspection?.state === "unreadable" && !corrected();
  element("decide").hidden = !done && !decision;
  element("accept").textContent = corrected() ? "Save correction" : "Accept";
  element("accept").disabled = !done || sent || nothing;
  element("reject").disabled = !done || sent;
  element("undo").disabled = !done || !state.past.length;
  element("redo").disabled = !done || !state.future.length;
  element("next").classList.toggle("main", done && decision?.state === "saved");
  element("again").hidden = decision?.state !== "waiting";
  element("outcome").dataset.state = decision?.state ?? "";
  const text = decision ? sentence(decision) : "";
  if (element("saved").textContent !== text) element("saved").textContent = text;
}

function sentence({ state: how, action, at, event, refusal, wait }) {
  const what = DONE[action];
  if (how === "sending") return "Saving…";
  if (how === "saved") return `Saved. ${what} at ${at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}, event ${event.slice(0, 8)}.`;
  if (how === "refused") return `Not saved: ${refusal.message}`;
  const next = wait === null ? "It is kept in this tab." : `It is kept, next try in ${Math.ceil(wait)} s.`;
  return `Not saved yet: ${refusal.message} ${next}`;
}
