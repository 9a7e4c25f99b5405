// What the page shows of a document: the record as the server last told it, with what was entered since and not yet
// confirmed laid over it, and what is being typed over that.

import { asked, cuts, tried, weigh } from "./identities.js";

const ABSENT = { value: null, state: "absent", raw: "", accepted: true, candidates: [], location: null };
const RAW = 5; // characters of what could not be read that a cell shows
const WIDE = new Intl.NumberFormat("en", { maximumFractionDigits: 6, useGrouping: false });

export const written = (value) => WIDE.format(value);

// A number as somebody types it; null where it is none. Full-width digits and separators of thousands are understood.
export function parseNumber(typed) {
  const plain = typed.normalize("NFKC").replace(/[\s,]/g, "").replace(/^−/, "-");
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return null;
  const value = Number(plain);
  return Math.abs(value) < 1e15 ? value : null;
}

export class State {
  constructor(say) {
    Object.assign(this, { say, entered: new Map(), draft: null });
  }

  take(told) {
    Object.assign(this, { told, record: told.record, labels: told.labels, identities: told.identities });
    this.facts = told.record.facts || {};
    this.byId = new Map(told.identities.map((one) => [one.id, one]));
    this.byField = new Map(Object.keys(told.labels).map((name) => [name, []]));
    for (const one of told.identities) {
      if (one.kind === "prose" && !(this.facts[one.left[0]] || {}).accepted) continue;
      for (const name of [...one.left, ...one.right]) if (this.byField.has(name)) this.byField.get(name).push(one);
    }
    this.runs = this.#runs();
  }

  field(name) {
    return this.record.fields[name] || ABSENT;
  }

  shown(name) {
    if (this.draft && this.draft.name === name) return this.draft.shown;
    return this.entered.get(name) || this.field(name);
  }

  settled(name) {
    return this.entered.has(name) || this.field(name).accepted;
  }

  weigh(id) {
    return weigh(this.byId.get(id), (name) => this.shown(name), this.facts);
  }

  stateOf(name) {
    if (this.entered.has(name)) return "corrected";
    if (this.field(name).accepted) return this.field(name).corrected ? "corrected" : "accepted";
    return this.identitiesOf(name).some((one) => this.weigh(one.id).holds === false) ? "failed" : "doubtful";
  }

  identitiesOf(name) {
    return this.byField.get(name) || [];
  }

  textOf(name) {
    const { state, value } = this.shown(name);
    if (state === "printed") return written(value);
    if (state === "unreadable") return this.field(name).raw ? `⟨${this.#shortRaw(name)}⟩` : "⟨?⟩";
    if (state === "blank") return /^[^\d\s]{1,2}$/.test(this.field(name).raw) ? this.field(name).raw : "";
    return "—";
  }

  // The readings that one may take, in the order of their numbers: what was read first, then the other candidates.
  readings(name) {
    const field = this.field(name);
    const known = field.corrected ? field.corrected.predicted : field;
    const found = [];
    if (known.state === "printed") found.push({ state: "printed", value: known.value, text: written(known.value) });
    else if (known.state !== "unreadable") found.push({ state: known.state, value: null, text: this.say(known.state) });
    for (const value of this.#possible(name)) {
      if (!found.some((one) => one.value === value)) found.push({ state: "printed", value, text: written(value) });
    }
    return found.slice(0, 9);
  }

  tried(name, reading) {
    return tried(this.identitiesOf(name), name, reading, (other) => this.shown(other), this.facts);
  }

  asked(name) {
    return asked(this.identitiesOf(name), name, (other) => this.shown(other), this.facts);
  }

  nameOf(id) {
    const one = this.byId.get(id);
    const at = this.labels[one.right[one.right.length - 1]];
    return `${at.row.split("/").pop()} ${at.column}`;
  }

  // A field's name within an identity: by its column where the identity stays in one row, by its row in one column.
  shortName(name, identity) {
    const fields = [...identity.left, ...identity.right].filter((one) => this.labels[one]);
    const alike = (key) => new Set(fields.map((one) => this.labels[one][key])).size === 1;
    const { row, column } = this.labels[name];
    const last = row.split("/").pop();
    if (fields.length > 1 && alike("row")) return column;
    return alike("column") ? last : `${last} ${column}`;
  }

  // The panel's line about a field: how it was read, or who settled it.
  tell(name) {
    const field = this.field(name);
    if (this.draft && this.draft.name === name) return this.#tellDraft(field);
    if (this.entered.has(name)) return this.say("told_saving");
    if (field.corrected) return this.#tellCorrected(field);
    if (field.accepted) return this.say("told_accepted");
    // Of a figure that was read the identities are not asked: whoever is told what would mend a sum may put that down.
    const sums = field.state === "printed" ? null : this.asked(name);
    const wanted = sums === null ? "" : ` ${this.say("told_asked", { value: written(sums) })}`;
    return this.say(`told_${field.state}`, { raw: field.raw, sure: Math.round(field.confidence * 1000) / 10 }) + wanted;
  }

  // A number that was never read here may be a slip of the keyboard.
  #tellDraft({ raw }) {
    const typed = written(this.draft.shown.value);
    const read = raw.normalize("NFKC").replace(/[\s,]/g, "");
    return this.say(read.includes(typed) ? "told_typing" : "told_typing_other", { value: typed, raw });
  }

  #shortRaw(name) {
    const raw = this.field(name).raw.replace(/\s+/g, " ").trim();
    return raw.length > RAW ? `${raw.slice(0, RAW)}…` : raw;
  }

  #tellCorrected({ state, accepted, corrected }) {
    const { who, at, predicted } = corrected;
    if (!accepted) return this.say("told_unbalanced", { who });
    const when = at.replace("T", " ").slice(0, 16);
    if (state === "unreadable") return this.say("told_illegible", { who, at: when });
    const was = predicted.state === "printed" ? written(predicted.value) : this.say(predicted.state);
    return this.say("told_corrected", { who, at: when, was });
  }

  // For those who hear the page.
  describe(name) {
    const { row, column } = this.labels[name];
    const { state } = this.shown(name);
    const value = state === "printed" ? this.textOf(name) : this.say(state);
    return `${row.split("/").join("，")}，${column}：${value}，${this.say(`state_${this.stateOf(name)}`)}`;
  }

  // Fields that were cut out of one run of digits, by their name.
  #runs() {
    const found = new Map();
    for (const [name, field] of Object.entries(this.record.fields)) {
      if (!field.location || field.candidates.length < 2) continue;
      const key = JSON.stringify([field.raw, field.location]);
      found.set(key, [...(found.get(key) || []), name]);
    }
    return new Map([...found.values()].filter((names) => names.length > 1).flatMap((names) => names.map((name) => [name, names])));
  }

  #possible(name) {
    const own = this.field(name).candidates;
    const names = this.runs.get(name);
    if (!names) return own;
    const settled = (other) => {
      if (other === name || !this.settled(other)) return null;
      const { state, value } = this.shown(other);
      return state === "printed" ? written(value) : "";
    };
    return cuts(this.field(name).raw, names, (other) => this.field(other).candidates, settled).get(name);
  }
}
