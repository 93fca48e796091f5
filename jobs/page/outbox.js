// Decisions on their way: kept in the tab until the server has stored them, sent again with the same event id when it does not answer.
//
// A reload goes on sending. The server stores an event once however often it comes, so sending again is always safe.

import { feedback } from "./api.js";

const PLACE = "beltline.outbox";
const PAUSES_S = [1, 2, 4, 8, 16];
let timer = null;
let busy = false;
let tell = () => {};

const kept = () => JSON.parse(sessionStorage.getItem(PLACE) ?? "[]");
const keep = (list) => sessionStorage.setItem(PLACE, JSON.stringify(list));

/** Have `listener(event, {state, refusal, wait, at})` told what becomes of each event, and go on with what is left from before. */
export function open(listener) {
  tell = listener;
  addEventListener("beforeunload", (leaving) => kept().length && leaving.preventDefault());
  addEventListener("online", () => now());
  if (kept().length) now();
}

/** An id that nobody else makes; randomUUID is not there on plain http. */
export function newEvent() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a decision, as often as needed. */
export function send(body) {
  keep([...kept(), body]);
  now();
}

/** Try at once, from the first pause again. */
export function now() {
  clearTimeout(timer);
  if (!busy) attempt(0);
}

async function attempt(tries) {
  const [body] = kept();
  if (!body) return;
  busy = true;
  tell(body.event, { state: "sending", action: body.action });
  try {
    await feedback(body);
    keep(kept().slice(1));
    busy = false;
    tell(body.event, { state: "saved", action: body.action, at: new Date() });
    attempt(0);
  } catch (refusal) {
    busy = false;
    failed(body, refusal, tries);
  }
}

function failed(body, refusal, tries) {
  const lasting = !refusal.passing && refusal.status !== 401;
  if (lasting) keep(kept().slice(1));
  const wait = refusal.passing ? Math.max(PAUSES_S[tries] ?? 0, refusal.after ?? 0) : 0;
  const again = refusal.passing && tries < PAUSES_S.length;
  tell(body.event, { state: lasting ? "refused" : "waiting", action: body.action, refusal, wait: again ? wait : null });
  if (again) timer = setTimeout(() => attempt(tries + 1), wait * 1000);
  if (lasting) attempt(0);
}
