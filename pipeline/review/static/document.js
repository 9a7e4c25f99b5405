// The document page: what the keys do, what is sent, and what happens when somebody else was quicker.

import { speaker } from "./elements.js";
import { Kept } from "./kept.js";
import { listen } from "./keys.js";
import { Panel } from "./panel.js";
import { Conflict, Server } from "./server.js";
import { SourcePane } from "./source.js";
import { State, parseNumber } from "./state.js";
import { Tables } from "./tables.js";

const page = document.getElementById("document");
const say = speaker();
const part = (id) => document.getElementById(id);
const server = new Server(page.dataset.id);
const state = new State(say);
const source = new SourcePane(part("source"), part("close-up"), page.dataset.id, say, pick);
const tables = new Tables(part("tables"), state, say, pick);
const panel = new Panel(part("cell"), state, say, { take, type });
const kept = new Kept(part("kept"), state, say, answer); // entries that a conflict kept from being saved
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
    kept.forget(change.field);
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
  const meant = changes.map(inFull);
  try {
    const told = await server.correct(changes);
    forget(mine);
    receive(told);
    if (changes.some((one) => !state.settled(one.field))) announce(say("entered_unbalanced"), "refused");
  } catch (error) {
    forget(mine);
    if (error instanceof Conflict) await collide(error, meant);
    else {
      refresh();
      kept.ask(say("not_saved", { why: error.message }), meant);
    }
  }
}

// What was accepted, said so that it cannot come to mean what somebody else entered meanwhile.
function inFull(change) {
  const { state: shown, value } = state.entered.get(change.field);
  if (change.action !== "accept" || shown === "unreadable") return change;
  return shown === "printed" ? { field: change.field, action: "value", value } : { field: change.field, action: shown };
}

// An entry is forgotten once it is answered, unless another one of the same field was made since.
function forget(mine) {
  for (const [name, entry] of mine) if (state.entered.get(name) === entry) state.entered.delete(name);
}

async function collide(error, changes) {
  receive(await server.read());
  kept.ask(whose(error), changes);
}

function whose(conflict) {
  if (!conflict.by) return say("conflict_reread");
  return say("conflict_by", { who: conflict.by, at: conflict.at.slice(11, 16) });
}

// Mine again, or what stands there now.
function answer(again, changes) {
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
      announce(whose(error), "refused");
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

// Keys and buttons: what each does stands in keys.js by the names of these

const actions = {
  next: goOn,
  previous: () => go(next(-1)),
  type: () => panel.input.focus(),
  enter, accept, illegible, undo, take,
  blank: () => mark("blank"),
  absent: () => mark("absent"),
  row: () => acceptAll(tables.rowOf(current)),
  table: () => acceptAll(tables.tableOf(current)),
  move: (down, right) => go(tables.beside(current, down, right)),
  zoom: (steps) => source.zoomBy(steps),
  help: () => part("help").showModal(),
  forward: () => part("next").click(),
  back: () => part("back").click(),
  drop: () => {
    drop();
    refresh();
    tables.focus(current);
  },
};

async function start() {
  for (const way of ["next", "back"]) part(way).addEventListener("click", leave);
  listen(actions, { input: panel.input, busy: () => kept.open, anywhere: () => current !== null });
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
