// The review desk: what is shown, what is done, and in which order. Everything that a person does goes into the outbox at once;
// the next items lie ready (leased, pictures decoded), so that a decision and the next picture are one frame apart.

import * as ops from "./boxes.js";
import { panes } from "./canvas.js";
import { layout } from "./frame.js";
import { listen } from "./keys.js";
import { Outbox, ask, newId } from "./link.js";
import { fill } from "./panel.js";
import { Pictures } from "./pictures.js";
import { acceptance, begun, content, event } from "./said.js";

const AHEAD = 3;
const DRAFT_MS = 400;
const LOOK = { brightness: 1, contrast: 1, inverted: false, hidden: false, reference: true };

class Desk {
  constructor(root, info) {
    Object.assign(this, { root, info, ahead: [], history: [], skipped: [], item: null, filters: {}, browsing: false });
    this.pictures = new Pictures((view) => this.frame.say(`the ${view} view of this item cannot be shown`));
    Object.assign(this, { boxes: [], reference: [], chosen: null, view: "top", editing: false, writing: false, look: { ...LOOK }, steps: 0 });
    this.outbox = new Outbox(`${info.title}/${info.user}`, () => this.told(), (made, why) => this.refused(made, why), (counts) => this.counted(counts));
    this.frame = layout(this);
    this.panes = panes(this);
    this.frame.views.append(...Object.values(this.panes).map((pane) => pane.element));
    listen(this);
  }

  async open() {
    this.counted(this.info.counts);
    await this.outbox.flush();
    await this.advance();
  }

  // ---- what lies ready

  async refill() {
    const num = AHEAD - this.ahead.length;
    if (num <= 0 || this.browsing || this.filling) return this.filling;
    const held = [this.item, ...this.ahead].filter(Boolean).map((one) => one.item);
    const but = [...held, ...this.outbox.items(), ...this.skipped];
    this.filling = ask("/desk/next", { want: num, but, ...this.filters }).then((said) => {
      this.counted(said.counts);
      const known = new Set([this.item, ...this.ahead].filter(Boolean).map((one) => one.item));
      this.ahead.push(...said.items.filter((one) => !known.has(one.item)));
      said.items.forEach((one) => this.pictures.of(one));
    });
    await this.filling.catch((error) => this.frame.say(error.message)).finally(() => { this.filling = null; });
  }

  async advance() {
    if (this.browsing) return this.step(false);
    if (!this.ahead.length) await this.refill();
    if (!this.ahead.length && this.skipped.length) {
      this.skipped = [];
      await this.refill();
    }
    await this.show(this.ahead.shift() || null);
    this.refill();
  }

  async show(item) {
    this.item = item;
    this.editing = this.writing = false;
    this.began = performance.now();
    this.frame.close();
    if (item) {
      Object.assign(this, begun(item), { reference: item.reference });
      this.chosen = this.boxes[0]?.item ?? null;
      const pictures = await this.pictures.of(item);
      if (this.item !== item) return;
      this.frame.arrange(item.views, pictures);
      for (const view of ops.VIEWS) this.panes[view].show(item.views.find((one) => one.name === view) || null, pictures[view]);
    } else {
      Object.assign(this, { boxes: [], reference: [], chosen: null, words: null, asked: null });
      for (const view of ops.VIEWS) this.panes[view].show(null, null);
    }
    this.refresh();
    this.root.dataset.item = item ? item.item : "none";
    this.root.dataset.shown = String(++this.steps);
  }

  refresh() {
    fill(this);
    Object.values(this.panes).forEach((pane) => pane.draw());
  }

  redraw() {
    Object.values(this.panes).forEach((pane) => pane.draw());
  }

  // ---- decisions

  accept() {
    if (this.item) this.decide(acceptance(this));
  }

  reject(reason) {
    if (reason && this.item) this.decide(event(this, "reject", { reason }));
  }

  decide(made) {
    clearTimeout(this.drafting);
    this.drafting = null;
    this.outbox.put(made);
    this.history.push(this.item.item);
    return this.browsing ? this.onward() : this.advance();
  }

  // Looking through, the last item stays, with what was decided on it.
  async onward() {
    const { item } = this.item;
    await this.step(false);
    if (this.item?.item !== item) return;
    await this.outbox.flush();
    await this.show(await ask(`/desk/item/${item}`));
  }

  flag() {
    if (!this.item) return;
    this.outbox.put(event(this, "flag", { reason: this.item.flag ? "" : "look again" }));
    this.item.flag = this.item.flag ? "" : "look again";
    this.refresh();
  }

  refused(made, why) {
    this.frame.say(`Not stored (${made.action} of item ${made.item}): ${why}`);
  }

  async undo() {
    this.settle(true);
    await this.outbox.flush();
    const said = await ask("/desk/undo", { id: newId() }).catch((error) => this.frame.say(error.message));
    if (!said) return;
    this.counted(said.counts);
    if (!said.item) return this.frame.say("Nothing to take back.");
    this.ahead = this.ahead.filter((one) => one.item !== said.item.item);
    if (this.item && this.item.item !== said.item.item) this.ahead.unshift(this.item);
    this.history = this.history.filter((one) => one !== said.item.item);
    const editing = this.editing && this.item?.item === said.item.item;
    const chosen = this.chosen;
    await this.show(said.item);
    if (editing) this.edit(chosen);
    this.frame.say("Taken back.");
  }

  // ---- moving about

  async step(back) {
    if (this.browsing) {
      const found = await ask("/desk/find", { ...this.filters, after: this.item?.item ?? null, back });
      if (found || !this.item) return this.show(found);
      return this.frame.say(back ? "This is the first." : "This is the last.");
    }
    if (!back) {
      if (!this.item) return this.advance();
      this.skipped.push(this.item.item);
      this.history.push(this.item.item);
      ask("/desk/release", { items: [this.item.item] });
      return this.advance();
    }
    const last = this.history.pop();
    if (last === undefined) return this.frame.say("This is where you began.");
    const item = await ask(`/desk/item/${last}`);
    if (this.item) this.ahead.unshift(this.item);
    return this.show(item);
  }

  async filter(filters) {
    this.settle(true);
    await this.outbox.flush();
    ask("/desk/release", { items: [this.item, ...this.ahead].filter(Boolean).map((one) => one.item) });
    this.frame.say("");
    Object.assign(this, { filters, browsing: Boolean(filters.status), ahead: [], skipped: [], item: null });
    if (filters.status === "all") this.filters = { ...filters, status: null };
    await this.advance();
  }

  // ---- editing

  edit(chosen = this.chosen) {
    this.editing = this.item && (!this.editing || chosen !== this.chosen);
    this.chosen = chosen ?? this.boxes[0]?.item ?? null;
    if (!this.panes[this.view].size) this.view = ops.otherView(this.view);
    if (this.editing) this.look.hidden = false;
    this.refresh();
  }

  activate(view) {
    this.view = view;
    this.redraw();
  }

  choose(item) {
    if (this.chosen === item) return;
    this.chosen = item;
    this.refresh();
  }

  sizes() {
    return Object.fromEntries(this.item.views.map((view) => [view.name, view]));
  }

  place(item, view, xyxy, settled = true) {
    this.boxes = ops.placed(this.boxes, item, view, xyxy, this.sizes());
    if (settled) this.settle();
    else this.redraw();
  }

  draw(view, xyxy) {
    const told = { category: this.frame.category(), colour: null, quantity: 1, container: null, top_place: null, side_place: null };
    const { boxes, item } = ops.drawn(this.boxes, this.chosen, view, xyxy, told);
    Object.assign(this, { boxes, chosen: item });
    this.settle();
  }

  change(boxes) {
    this.boxes = boxes;
    if (!boxes.some((box) => box.item === this.chosen)) this.chosen = boxes[0]?.item ?? null;
    this.settle();
  }

  // What was changed is stored as a draft: at once when something is about to happen, else when the hand rests.
  settle(now = false) {
    if (now && !this.drafting) return;
    this.settleText();
    if (!now) return this.refresh();
    clearTimeout(this.drafting);
    this.store();
  }

  // Text is not drawn anew while somebody writes it.
  settleText() {
    clearTimeout(this.drafting);
    this.drafting = setTimeout(() => this.store(), DRAFT_MS);
    this.told();
  }

  store() {
    this.drafting = null;
    this.outbox.put(event(this, "draft", { after: content(this) }));
  }

  // What is not yet in the outbox is not saved either.
  told() {
    const { events, failed } = this.outbox;
    this.frame?.saved({ waiting: events.length + (this.drafting ? 1 : 0), failed });
  }

  counted(counts) {
    this.info.counts = counts;
    this.frame?.progress(counts);
  }
}

export async function start(root) {
  const desk = new Desk(root, await ask("/desk/state"));
  window.addEventListener("pagehide", () => desk.settle(true));
  await desk.open();
}
