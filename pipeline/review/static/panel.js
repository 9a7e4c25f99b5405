// The panel of the cell one is at: what it is, a close-up of its place, the readings as buttons, the number to type, and
// the identities that it stands in.

import { button, clear, element } from "./elements.js";

const FEW = 8; // terms of an identity that are all shown; of longer ones those that are not 0
const [GROUP, LABEL, TERM] = [8, 30, 10]; // characters of a label that are shown
const SIGNS = { true: "✓", false: "✗", null: "·" };

const brief = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export class Panel {
  constructor(pane, review, say, act) {
    Object.assign(this, { review, say, act });
    const part = (name) => pane.querySelector(`.${name}`);
    Object.assign(this, { path: part("path"), told: part("told"), readings: part("readings"), list: part("identities") });
    this.input = pane.querySelector("input");
    this.input.addEventListener("input", () => act.type(this.input.value));
  }

  draw(name, identities) {
    const { row, column, unit } = this.review.labels[name];
    clear(this.path);
    const parts = row.split("/");
    const groups = parts.slice(0, -1).map((part) => `${brief(part, GROUP)} › `);
    this.path.append(...groups, brief(parts[parts.length - 1], LABEL), " · ", element("b", {}, column), ` (${unit})`);
    this.path.title = row;
    this.refresh(name, identities);
  }

  refresh(name, identities) {
    this.told.textContent = this.review.tell(name);
    this.told.dataset.state = this.review.stateOf(name);
    this.#drawReadings(name);
    clear(this.list);
    this.list.append(...identities.map((one) => this.#identity(one, name)));
  }

  #drawReadings(name) {
    clear(this.readings);
    this.review.readings(name).forEach((reading, at) => {
      const { hold, fail } = this.review.tried(name, reading);
      const told = fail ? `✗${fail}` : hold ? `✓${hold}` : "";
      const made = button(reading.text, at + 1, () => this.act.take(at));
      made.dataset.verdict = fail ? "fails" : hold ? "holds" : "open";
      made.append(element("small", { "aria-hidden": "true" }, told));
      if (told) made.append(element("span", { class: "unseen" }, this.say("reading_verdict", { hold, fail })));
      this.readings.append(made);
    });
    if (!this.readings.children.length) this.readings.append(element("span", { class: "missing" }, this.say("no_readings")));
  }

  #identity(identity, name) {
    const { left, right, holds } = this.review.weigh(identity.id);
    const prose = identity.kind === "prose";
    const first = prose ? [this.#fact(identity.left[0])] : this.#side(identity, identity.left, name);
    const total = (names, value) => (names.length > 1 && value !== null ? ` (${value})` : "");
    const made = element("li", { "data-check": identity.id, "data-holds": String(holds) });
    made.append(
      element("b", { class: "sign" }, SIGNS[holds], element("span", { class: "unseen" }, ` ${this.say(`holds_${holds}`)}: `)),
      ...first, prose ? "" : total(identity.left, left), element("b", {}, holds === false ? " ≠ " : " = "),
      ...this.#side(identity, identity.right, name), total(identity.right, right),
    );
    return made;
  }

  #fact(name) {
    const fact = this.review.facts[name];
    return element("span", {}, fact ? `${this.say("prose")} “${fact.text}” ${fact.value}` : this.say("prose"));
  }

  #side(identity, names, current) {
    const worth = (name) => name === current || this.review.shown(name).state === "unreadable" || this.review.shown(name).value;
    const shown = names.length > FEW ? names.filter(worth) : names;
    const terms = shown.map((name) => {
      const term = element("span", { class: name === current ? "term own" : "term" }, `${brief(this.review.shortName(name, identity), TERM)} `);
      term.append(element("b", {}, this.review.textOf(name) || "–"));
      return term;
    });
    const joined = terms.flatMap((term, at) => (at ? [" + ", term] : [term]));
    return shown.length < names.length ? [...joined, joined.length ? " + …" : "…"] : joined;
  }
}
