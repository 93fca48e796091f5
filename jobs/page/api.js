// Asks the server: an inspection with its stream, feedback, examples. Whatever goes wrong becomes a Refusal that says what to do.

const KEY = "beltline.key";

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (text) => (text ? sessionStorage.setItem(KEY, text) : sessionStorage.removeItem(KEY)),
};

/** What the server, or the way to it, refused. `after` is a number of seconds or null. */
export class Refusal extends Error {
  constructor(status, code, message, after = null) {
    super(message);
    Object.assign(this, { status, code, after });
  }

  /** The model was not ready in time: before its first word, or in the middle of the stream. */
  get late() {
    return this.status === 504 || this.code === "too_late";
  }

  /** Another try may help without any change. */
  get passing() {
    return [0, 408, 429].includes(this.status) || this.status >= 500;
  }
}

const ADVICE = [
  [(r) => r.status === 401 || r.status === 403, "The key was not accepted", "Enter the key that you were given, then inspect again."],
  [(r) => r.status === 413, "The picture is too large", "Export it smaller, or crop it to the bag, and choose it again."],
  [(r) => r.code.startsWith("image_") || r.status === 415, "This picture cannot be used", "Export it as PNG or JPEG, and choose it again."],
  [(r) => r.status === 429, "Too many inspections with this key", "Wait for the time shown, then try again. Your views are kept."],
  [(r) => r.status === 503, "The server is busy", "Wait for the time shown, then try again. Your views are kept."],
  [(r) => r.late, "The model took too long", "Try again. If it happens again, inspect this bag by hand and tell whoever runs the server."],
  [(r) => r.status === 408 || r.status === 0, "The server could not be reached", "Check the connection, then try again. Your views are kept."],
  [(r) => r.code === "cut", "The answer broke off", "Nothing of it is kept. Try again."],
  [(r) => r.status >= 500 || r.code === "fault", "The server failed", "Try again. If it happens again, inspect this bag by hand and tell whoever runs the server."],
];

/** A heading and what to do. */
export function advice(refusal) {
  const found = ADVICE.find(([fits]) => fits(refusal));
  return found ? { title: found[1], todo: found[2] } : { title: "The server refused this", todo: "Change what is named above and try again." };
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (key.get()) headers.Authorization = `Bearer ${key.get()}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, "unreachable", "No answer came.");
  }
  if (!response.ok) throw await refused(response);
  return response;
}

async function refused(response) {
  const said = await response.json().catch(() => ({}));
  const error = said.error ?? {};
  const after = Number.parseFloat(response.headers.get("Retry-After") ?? "");
  const message = error.message ?? `The server answered ${response.status} without saying why.`;
  return new Refusal(response.status, error.code ?? "", message, Number.isFinite(after) ? after : null);
}

/**
 * One inspection. `onDelta` gets each piece of what the model says.
 * @returns the inspection as the server states it
 * @throws Refusal, or an AbortError when `signal` stops it
 */
export async function inspect({ top, side, question, signal, onDelta }) {
  const form = new FormData();
  form.append("top", top, top.name);
  if (side) form.append("side", side, side.name);
  if (question) form.append("question", question);
  const response = await ask("v1/inspect", { method: "POST", body: form, signal, headers: { Accept: "text/event-stream" } });
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return response.json();
  for await (const { event, data } of events(response.body)) {
    if (event === "delta") onDelta(JSON.parse(data).text);
    if (event === "inspection") return JSON.parse(data);
    if (event === "error") {
      const { code, message } = JSON.parse(data);
      throw new Refusal(200, code, message);
    }
  }
  throw new Refusal(200, "cut", "The connection ended before the answer was complete.");
}

/** Server-sent events of a body: {event, data}. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch((error) => {
      if (error.name === "AbortError") throw error;
      return { done: true };
    });
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) yield parsed(block);
  }
}

function parsed(block) {
  const found = { event: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, field, value] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (field === "event") found.event = value;
    if (field === "data") found.data.push(value);
  }
  return { event: found.event, data: found.data.join("\n") };
}

/** Send what an inspector decided; the same event may be sent again. */
export async function feedback(body) {
  const headers = { "Content-Type": "application/json" };
  return (await ask("v1/feedback", { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** A JSON answer, or `otherwise` where there is none: lists that the page can do without. */
export async function optional(path, otherwise) {
  return ask(path).then((response) => response.json(), () => otherwise);
}

/** A picture of an example bag as a file. */
export async function picture(url, name) {
  const blob = await (await ask(url)).blob();
  return new File([blob], name, { type: blob.type });
}
