// What was done goes to the desk, and is kept in the browser until the desk has said that it is on disk.
// An event has its id before it is sent, so sending it twice stores it once; a page that is closed or reloaded sends what is left.

const PATIENCE_MS = [300, 1000, 2000, 5000];

export async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, { ...options, credentials: "same-origin" });
  if (answer.status === 401) location.assign("/login");
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(said.error || `the desk answered ${answer.status}`), { status: answer.status });
  return said;
}

// crypto.randomUUID is there in secure contexts alone; a desk in a local network may be plain http.
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  // told() after every change of `events` or `failed`; refused(event, why) for what the desk would not store; counted(counts).
  constructor(name, told, refused, counted) {
    Object.assign(this, { name: `beltline/outbox/${name}`, told, refused, counted, running: null });
    this.events = read(this.name);
  }

  put(event) {
    this.events.push(event);
    this.save();
    this.flush();
    return event;
  }

  items() {
    return this.events.filter((event) => event.action !== "draft" && event.action !== "flag").map((event) => event.item);
  }

  save() {
    localStorage.setItem(this.name, JSON.stringify(this.events));
    this.told();
  }

  // Ends when nothing is left to send.
  flush() {
    if (!this.running) this.running = this.send().finally(() => { this.running = null; });
    return this.running;
  }

  async send() {
    for (let tries = 0; this.events.length; ) {
      const sent = this.events.slice(0, 50);
      try {
        const said = await ask("/desk/events", sent);
        this.failed = false;
        tries = 0;
        const gone = new Set([...said.stored, ...Object.keys(said.refused)]);
        this.events = this.events.filter((event) => !gone.has(event.id));
        this.save();
        for (const event of sent) if (said.refused[event.id]) this.refused(event, said.refused[event.id]);
        this.counted(said.counts);
      } catch (error) {
        if (error.status === 400 || error.status === 413) throw error;
        this.failed = true;
        this.save();
        await new Promise((done) => setTimeout(done, PATIENCE_MS[Math.min(tries++, PATIENCE_MS.length - 1)]));
      }
    }
  }
}

function read(name) {
  try {
    const found = JSON.parse(localStorage.getItem(name) || "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
