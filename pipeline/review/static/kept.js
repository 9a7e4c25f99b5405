// What could not be saved is asked about, never lost: mine again, or what stands there now.

import { button, clear, element } from "./elements.js";
import { written } from "./state.js";

export class Kept {
  // `answer(again, changes)` is told what was decided.
  constructor(box, review, say, answer) {
    Object.assign(this, { box, review, say, answer, changes: new Map() });
  }

  get open() {
    return !this.box.hidden;
  }

  get size() {
    return this.changes.size;
  }

  forget(field) {
    this.changes.delete(field);
  }

  ask(why, changes) {
    for (const one of changes) this.changes.set(one.field, one);
    const mine = button(this.say("kept_mine"), "", () => this.#decide(true));
    const theirs = button(this.say("kept_theirs"), "", () => this.#decide(false));
    const lines = [...this.changes.values()].map((one) => element("li", {}, this.#line(one)));
    clear(this.box);
    this.box.append(element("p", { id: "kept-why" }, why), element("ul", {}, ...lines), mine, theirs);
    this.box.hidden = false;
    mine.focus();
  }

  #line(change) {
    const { row, column } = this.review.labels[change.field];
    const mine = change.action === "value" ? written(change.value) : this.say(`action_${change.action}`);
    const now = this.review.textOf(change.field) || this.say(this.review.shown(change.field).state);
    return this.say("kept_line", { field: `${row.split("/").pop()} ${column}`, mine, now });
  }

  #decide(again) {
    const changes = [...this.changes.values()];
    this.changes.clear();
    this.box.hidden = true;
    this.answer(again, changes);
  }
}
