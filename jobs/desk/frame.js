// The frame around the views: filters, progress, what is saved, messages, the reasons for rejecting, the help.
// Texts from data become text nodes, never markup.

import { HELP } from "./keys.js";

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list" && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function select(label, options, value, onchange, empty = null) {
  const chosen = make("select", { "aria-label": label, onchange: (event) => onchange(event.target.value) });
  const known = options.map(String);
  if (empty !== null) chosen.append(make("option", { value: "" }, empty));
  if (value !== null && value !== undefined && value !== "" && !known.includes(String(value))) known.unshift(String(value));
  chosen.append(...known.map((option) => make("option", { value: option }, option)));
  chosen.value = value ?? "";
  return chosen;
}

const STATUSES = ["all", "open", "accepted", "rejected", "edited", "disputed", "flagged", "stale"];

export function layout(desk) {
  const frame = { desk, views: make("div", { className: "views" }), panel: make("aside", { className: "panel", "aria-label": "what is said of the scan" }) };
  const progress = make("progress", { max: 1, value: 0, "aria-label": "done" });
  const count = make("span", { className: "count" });
  const saved = make("span", { className: "saved", role: "status", "data-state": "saved" }, "saved");
  const message = make("div", { className: "message", role: "status", "aria-live": "polite" });
  const bar = make("div", { className: "bar", role: "toolbar", "aria-label": "filters and progress" });
  const sheet = make("div", { className: "sheet", hidden: true });
  bar.append(make("strong", {}, desk.info.title), ...filters(desk), make("span", { className: "grow" }), progress, count, saved, tools(desk, frame));
  desk.root.replaceChildren(bar, make("div", { className: "table" }, frame.views, frame.panel), message, sheet);

  frame.saved = ({ waiting, failed }) => {
    saved.textContent = failed ? `not saved: ${waiting} waiting` : waiting ? "saving" : "saved";
    saved.dataset.state = failed ? "failed" : waiting ? "waiting" : "saved";
  };
  frame.progress = (counts) => {
    const done = counts.all - counts.open - (counts.disputed || 0);
    Object.assign(progress, { max: counts.all || 1, value: done });
    count.textContent = `${done} of ${counts.all} done` + (counts.disputed ? `, ${counts.disputed} disputed` : "");
  };
  frame.say = (text) => {
    message.textContent = text;
    clearTimeout(frame.saying);
    frame.saying = setTimeout(() => { message.textContent = ""; }, 6000);
  };
  // Side by side or one above the other, whichever shows more of the first item; then it stays.
  frame.arrange = (views, pictures, turned = false) => {
    if (turned) return frame.views.classList.toggle("stacked");
    if (frame.arranged || views.length < 2) return undefined;
    frame.arranged = true;
    const { clientWidth: width, clientHeight: height } = frame.views;
    const bags = views.map((view) => [view.width * (pictures[view.name].bag?.[2] ?? 1), view.height * (pictures[view.name].bag?.[3] ?? 1)]);
    const scale = (across, down) => bags.reduce((sum, bag) => sum + Math.min(width / across / bag[0], height / down / bag[1]), 0);
    return frame.views.classList.toggle("stacked", scale(1, 2) > 1.1 * scale(2, 1));
  };
  frame.category = () => desk.boxes.find((box) => box.item === desk.chosen)?.category ?? desk.info.words.category[0];
  frame.close = () => {
    frame.open = null;
    sheet.hidden = true;
    sheet.replaceChildren();
  };
  frame.reasons = () => {
    const own = make("input", { placeholder: "or in your own words, then Enter", "aria-label": "reason in your own words", maxLength: 500 });
    own.addEventListener("keydown", (event) => event.key === "Enter" && own.value.trim() && desk.reject(own.value.trim()));
    const buttons = desk.info.reasons.map((reason, index) =>
      make("button", { onclick: () => desk.reject(reason) }, make("kbd", {}, String(index + 1)), ` ${reason}`));
    show("reasons", "Why is it rejected?", ...buttons, own);
  };
  frame.help = () => {
    const rows = HELP.map(([keys, says]) => make("div", {}, make("span", {}, ...keys.map((key) => make("kbd", {}, key))), make("span", {}, says)));
    show("help", "Keys", make("div", { className: "keys" }, ...rows));
  };
  function show(name, title, ...children) {
    frame.open = name;
    sheet.className = `sheet ${name}`;
    Object.entries({ role: "dialog", "aria-label": title, tabindex: "-1" }).forEach((pair) => sheet.setAttribute(...pair));
    sheet.replaceChildren(make("h2", {}, title), ...children, make("button", { className: "away", onclick: frame.close }, make("kbd", {}, "Esc"), " close"));
    sheet.hidden = false;
    sheet.focus();
  }
  return frame;
}

function filters(desk) {
  const chosen = {};
  const apply = (name) => (value) => {
    chosen[name] = value || null;
    document.activeElement?.blur();
    desk.filter({ ...chosen });
  };
  const { category, scored, batch } = desk.info.filters;
  const what = desk.info.kind === "questions" ? "every task" : "every category";
  return [
    select("what to see", STATUSES, "", apply("status"), "to do"),
    select("category", category, "", apply("category"), what),
    scored ? select("screening score", [50, 60, 70, 80, 90, 100], "", apply("below"), "every score") : null,
    batch.length > 1 ? select("batch", batch, "", apply("batch"), "every batch") : null,
  ].filter(Boolean);
}

function tools(desk, frame) {
  const look = (name, least, most) => {
    const slider = make("input", { type: "range", min: least, max: most, step: 0.05, value: 1, "aria-label": name });
    slider.addEventListener("input", () => {
      desk.look[name] = Number(slider.value);
      desk.redraw();
    });
    frame[name] = slider;
    return make("label", { title: name }, name === "brightness" ? "☀" : "◐", slider);
  };
  return make("span", { className: "tools" }, look("brightness", 0.3, 2.5), look("contrast", 0.3, 3),
    make("button", { onclick: () => frame.help(), "aria-label": "help" }, make("kbd", {}, "?")),
    make("a", { href: "/logout" }, `${desk.info.user}: log out`));
}
