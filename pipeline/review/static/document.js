// The document page: what the keys do, what is sent, and what happens when somebody else was quicker.

import { button, clear, element, speaker } from "./elements.js";
import { Panel } from "./panel.js";
import { Conflict, Server } from "./server.js";
import { SourcePane } from "./source.js";
import { State, parseNumber, written } from "./state.js";
import { Tables } from "./tables.js";

const page = document.getElementById("document");
const say = speaker();
const part = (id) => document.getElementById(id);
const server = new Server(page.dataset.id);
const state = new State(say);
const source = new SourcePane(part("source"), part("close-up"), page.dataset.id, say, pick);
const tables = new Tables(part("tables"), state, say, pick);
const panel = new Panel(part("cell"), state, say, { take, type });
const kept = new Map(); // entries that a conflict kept from being saved
let current = null;

// Where one is

function pick(name, settled) {
  if (settled && name && tables.order.includes(name)) {
    if (name !== current) go(name);
    return;
  }
  if (settled) return;
  tables.hover(name);
  source.hover(name);
}

function go(name, { focus = true } = {}) {
  if (!name) return;
  if (name !== current) drop();
  current = name;
  tables.choose(name);
  source.show(name, nearest(name));
  panel.draw(name, state.identitiesOf(name));
  if (focus) tables.focus(name);
}

// The nearest field that has a place, for one that has none.
function nearest(name) {
  const order = tables.order;
  const at = order.indexOf(name);
  const far = [...order.keys()].sort((a, b) => Math.abs(a - at) - Math.abs(b - at));
  return order[far.find((one) => source.has(order[one]))] || null;
}

function doubtful() {
  return tables.order.filter((name) => !state.settled(name));
}

function next(step) {
  const order = tables.order;
  const waiting = new Set(doubtful());
  const from = order.indexOf(current);
  for (let far = 1; far <= order.length; far += 1) {
    const name = order[(from + step * far + order.length * far) % order.length];
    if (waiting.has(name)) return name;
  }
  return null;
}

function goOn() {
  const name = next(1);
  if (name) go(name);
  else {
    go(current);
    announce(say("all_settled"));
  }
}

// What is shown

function refresh() {
  tables.refresh();
  source.mark((name) => (state.labels[name] ? state.stateOf(name) : "accepted"));
  if (current) panel.refresh(current, state.identitiesOf(current));
  page.dataset.pending = String(state.entered.size);
  document.querySelector('[data-act="undo"]').disabled = !(state.told.can_undo || state.entered.size);
  const left = doubtful().length;
  part("left").textContent = !tables.order.length ? "" : left ? say("cells_left", { left }) : say("none_left");
  part("left").dataset.done = String(!left);
  part("next").classList.toggle("ready", !left);
}

function announce(text, kind = "said") {
  const line = part("status");
  line.textContent = text;
  line.dataset.kind = kind;
}

function receive(told) {
  state.take(told);
  refresh();
}

// Typing

function type(text) {
  const value = parseNumber(text);
  state.draft = value === null ? null : { name: current, shown: { state: "printed", value } };
  panel.input.setAttribute("aria-invalid", String(Boolean(text) && value === null));
  tables.refresh();
  panel.refresh(current, state.identitiesOf(current));
}

function drop() {
  panel.input.value = "";
  panel.input.removeAttribute("aria-invalid");
  state.draft = null;
}

function enter() {
  const text = panel.input.value;
  const value = parseNumber(text);
  if (value === null) {
    announce(text ? say("no_number", { text }) : say("type_number"), "refused");
    return;
  }
  drop();
  settle([{ field: current, action: "value", value }]);
  goOn();
}

// Settling

const ENTERED = {
  value: ({ value }) => ({ state: "printed", value }),
  blank: () => ({ state: "blank", value: null }),
  absent: () => ({ state: "absent", value: null }),
  accept: ({ field }) => state.field(field),
};

function settle(changes) {
  for (const change of changes) {
    kept.delete(change.field);
    const { state: shown, value } = ENTERED[change.action](change);
    state.entered.set(change.field, { state: shown, value });
  }
  announce(said(changes));
  refresh();
  send(changes);
}

function said(changes) {
  if (changes.length > 1) return say("settled_many", { count: changes.length });
  return say("settled", { field: state.describe(changes[0].field) });
}

async function send(changes) {
  const mine = new Map(changes.map((one) => [one.field, state.entered.get(one.field)]));
  try {
    const told = await server.correct(changes);
    forget(mine);
    receive(told);
    if (changes.some((one) => !state.settled(one.field))) announce(say("entered_unbalanced"), "refused");
  } catch (error) {
    forget(mine);
    if (error instanceof Conflict) await collide(error, changes);
    else {
      for (const one of changes) kept.set(one.field, one);
      ask(say("not_saved", { why: error.message }));
      refresh();
    }
  }
}

// An entry is forgotten once it is answered, unless another one of the same field was made since.
function forget(mine) {
  for (const [name, entry] of mine) if (state.entered.get(name) === entry) state.entered.delete(name);
}

async function collide(error, changes) {
  for (const one of changes) kept.set(one.field, one);
  receive(await server.read());
  const who = error.by ? say("conflict_by", { who: error.by, at: error.at.slice(11, 16) }) : say("conflict_reread");
  ask(who);
}

// What was not saved is asked about, never lost: mine, or what stands there now.
function ask(why) {
  const box = part("kept");
  const lines = [...kept.values()].map((one) => {
    const { row, column } = state.labels[one.field];
    const mine = one.action === "value" ? written(one.value) : say(`action_${one.action}`);
    const now = state.textOf(one.field) || say(state.shown(one.field).state);
    return element("li", {}, say("kept_line", { field: `${row.split("/").pop()} ${column}`, mine, now }));
  });
  clear(box);
  const mine = button(say("kept_mine"), "", () => answer(true));
  box.append(element("p", { id: "kept-why" }, why), element("ul", {}, ...lines), mine, button(say("kept_theirs"), "", () => answer(false)));
  box.hidden = false;
  mine.focus();
}

function answer(again) {
  const changes = [...kept.values()];
  kept.clear();
  part("kept").hidden = true;
  refresh();
  if (again && changes.length) settle(changes);
  go(changes.length ? changes[0].field : current);
}

function take(number) {
  const reading = state.readings(current)[number];
  if (!reading) {
    announce(say("no_reading", { number: number + 1 }), "refused");
    return;
  }
  drop();
  const { state: shown, value } = state.field(current);
  if (shown === reading.state && value === reading.value) settle([{ field: current, action: "accept" }]);
  else if (reading.state === "printed") settle([{ field: current, action: "value", value: reading.value }]);
  else settle([{ field: current, action: reading.state }]);
  goOn();
}

function mark(action) {
  drop();
  settle([{ field: current, action }]);
  goOn();
}

function accept() {
  if (state.field(current).state === "unreadable") announce(say("nothing_to_accept"), "refused");
  else mark("accept");
}

function illegible() {
  if (state.field(current).state === "unreadable") mark("accept");
  else announce(say("is_legible"), "refused");
}

// All doubtful cells among these that were read; what nobody could read stays to be looked at.
function acceptAll(names) {
  const waiting = names.filter((name) => !state.settled(name));
  const read = waiting.filter((name) => state.field(name).state !== "unreadable");
  if (!read.length) {
    announce(waiting.length ? say("nothing_to_accept") : say("nothing_doubtful"), "refused");
    return;
  }
  drop();
  settle(read.map((field) => ({ field, action: "accept" })));
  if (read.length < waiting.length) announce(say("accepted_some", { count: read.length, left: waiting.length - read.length }));
  goOn();
}

async function undo() {
  try {
    const told = await server.undo();
    receive(told);
    const undone = told.history.filter((one) => one.action === "undo" && one.version === told.version);
    const back = tables.order.find((name) => undone.some((one) => one.field === name));
    go(back || current);
    announce(say("undone", { field: back ? state.describe(back) : "" }));
  } catch (error) {
    if (error instanceof Conflict) {
      receive(await server.read());
      announce(error.by ? say("conflict_by", { who: error.by, at: error.at.slice(11, 16) }) : say("conflict_reread"), "refused");
    } else announce(error.message, "refused");
  }
}

// Whoever goes on at once takes along what is still being saved; what could not be saved keeps him here.
async function leave(event) {
  const { href } = event.currentTarget;
  if (!state.entered.size && !kept.size) return;
  event.preventDefault();
  announce(say("told_saving"));
  while (state.entered.size) await Promise.race([server.last, new Promise((done) => setTimeout(done, 50))]);
  if (!kept.size) window.location.assign(href);
}

// Keys

const move = (down, right) => () => go(tables.beside(current, down, right));
const ALWAYS = {
  d: () => part("next").click(),
  q: () => part("back").click(),
  "?": () => part("help").showModal(),
  "+": () => source.zoomBy(1),
  "-": () => source.zoomBy(-1),
  0: () => source.zoomBy(0),
};
const KEYS = {
  n: () => goOn(),
  j: () => goOn(),
  p: () => go(next(-1)),
  k: () => go(next(-1)),
  Enter: () => panel.input.focus(),
  "=": () => panel.input.focus(),
  a: accept,
  b: () => mark("blank"),
  x: () => mark("absent"),
  i: illegible,
  r: () => acceptAll(tables.rowOf(current)),
  t: () => acceptAll(tables.tableOf(current)),
  u: undo,
  ArrowDown: move(1, 0),
  ArrowUp: move(-1, 0),
  ArrowRight: move(0, 1),
  ArrowLeft: move(0, -1),
};

function press(event) {
  if (event.ctrlKey && event.key === "z" && event.target !== panel.input) undo();
  else if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  else if (event.target === panel.input) pressInInput(event);
  else if (event.target.closest("button, a, select, summary, input, textarea") && ["Enter", " "].includes(event.key)) return;
  else if (!part("kept").hidden) return;
  else if (Object.hasOwn(ALWAYS, event.key)) ALWAYS[event.key]();
  else if (current && /^[1-9]$/.test(event.key)) take(Number(event.key) - 1);
  else if (current && Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
  else return;
  if (event.target !== panel.input) event.preventDefault();
}

function pressInInput(event) {
  if (event.key === "Enter") enter();
  else if (event.key === "Escape") {
    drop();
    refresh();
    tables.focus(current);
  }
}

const ACTIONS = {
  accept, illegible, undo, enter,
  blank: () => mark("blank"),
  absent: () => mark("absent"),
  row: () => acceptAll(tables.rowOf(current)),
  table: () => acceptAll(tables.tableOf(current)),
  "zoom-in": ALWAYS["+"],
  "zoom-out": ALWAYS["-"],
  "zoom-fit": ALWAYS[0],
  help: ALWAYS["?"],
};

async function start() {
  for (const [name, act] of Object.entries(ACTIONS)) {
    for (const one of document.querySelectorAll(`[data-act="${name}"]`)) one.addEventListener("click", act);
  }
  for (const way of ["next", "back"]) part(way).addEventListener("click", leave);
  document.addEventListener("keydown", press);
  window.addEventListener("resize", () => source.fit());
  window.addEventListener("beforeunload", (event) => {
    if (state.entered.size || kept.size) event.preventDefault();
  });
  try {
    const told = await server.read();
    state.take(told);
    tables.draw(told.tables, document.documentElement.lang.slice(0, 2));
    source.draw(told.source_view, told.record.fields);
    page.dataset.ready = "true";
    refresh();
    if (tables.order.length) go(doubtful()[0] || tables.order[0]);
    else {
      part("cell").hidden = true;
      announce(say("no_form"), "refused");
    }
  } catch (error) {
    announce(error.message, "refused");
  }
}

start();
