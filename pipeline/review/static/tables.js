// The right side: the tables in the form's own arrangement, a cell for each field, and marks of the identities beside
// the rows and below the columns.

import { element, clear } from "./elements.js";

// Every state has a mark too: colour alone tells nothing to those who do not see it.
const MARKS = { accepted: "", doubtful: "?", failed: "≠", corrected: "✎" };
const HOLDS = { true: "✓", false: "✗", null: "·" };

export class Tables {
  // `review` knows what is shown and settled; `pick(field, settled)` is told what the mouse is over or has chosen.
  constructor(pane, review, say, pick) {
    Object.assign(this, { pane, review, say, cells: new Map(), marks: [], rows: new Map(), places: [] });
    for (const [kind, settled] of [["mouseover", false], ["click", true], ["focusin", true]]) {
      pane.addEventListener(kind, (event) => {
        const cell = event.target.closest("[data-field]");
        if (cell) pick(cell.dataset.field, settled);
        else if (kind === "mouseover") pick(null, false);
      });
    }
    pane.addEventListener("mouseleave", () => pick(null, false));
  }

  draw(tables, language) {
    clear(this.pane);
    Object.assign(this, { cells: new Map(), marks: [], rows: new Map(), places: [] });
    for (const table of tables) {
      const title = table.title[language] || table.title.zh;
      const id = `table-${table.name}`;
      const heading = element("h2", { id }, title, language === "zh" ? "" : element("small", { lang: "zh" }, table.title.zh));
      const lines = table.lines.map((line) => this.#line(line, table));
      const grid = element("table", { class: `form ${table.name}`, role: "grid", "aria-labelledby": id }, element("tbody", {}, ...lines));
      this.pane.append(heading, grid);
    }
  }

  get order() {
    return [...this.cells.keys()];
  }

  rowOf(name) {
    return this.rows.get(name).fields;
  }

  tableOf(name) {
    const { table } = this.rows.get(name);
    return this.order.filter((other) => this.rows.get(other).table === table);
  }

  // The field that stands in a direction from another one.
  beside(name, down, right) {
    const at = this.places.findIndex((line) => line.includes(name));
    const column = this.places[at].indexOf(name) + right;
    if (!down) return this.places[at][column] || null;
    const line = this.places[at + down];
    return line ? line[Math.min(column, line.length - 1)] : null;
  }

  refresh() {
    for (const [name, cell] of this.cells) this.#refreshCell(name, cell);
    for (const { mark, ids } of this.marks) this.#refreshMark(mark, ids);
  }

  choose(name) {
    for (const cell of this.pane.querySelectorAll('[tabindex="0"]')) cell.tabIndex = -1;
    const cell = this.cells.get(name);
    if (!cell) return;
    cell.tabIndex = 0;
    for (const one of this.pane.querySelectorAll(".current")) one.classList.remove("current");
    cell.classList.add("current");
    const box = cell.getBoundingClientRect();
    const inside = this.pane.getBoundingClientRect();
    if (box.top < inside.top + 60 || box.bottom > inside.bottom - 40) {
      this.pane.scrollTop += (box.top + box.bottom) / 2 - (inside.top + inside.bottom) / 2;
    }
    if (box.left < inside.left || box.right > inside.right) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  focus(name) {
    const cell = this.cells.get(name);
    if (cell && document.activeElement !== cell) cell.focus({ preventScroll: true });
  }

  hover(name) {
    for (const one of this.pane.querySelectorAll(".hovered")) one.classList.remove("hovered");
    if (this.cells.has(name)) this.cells.get(name).classList.add("hovered");
  }

  #line(line, table) {
    const fields = line.cells.filter((cell) => cell.field).map((cell) => cell.field);
    if (fields.length) this.places.push(fields);
    for (const name of fields) this.rows.set(name, { fields, table: table.name });
    return element("tr", {}, ...line.cells.map((cell) => this.#cell(cell)));
  }

  #cell(cell) {
    const spans = { rowspan: cell.rows, colspan: cell.columns };
    if (cell.field) return this.#field(cell.field, spans);
    if (cell.checks) return this.#checks(cell.checks, spans);
    const kinds = { column: "columnheader", section: "columnheader", row: "rowheader", group: "rowheader" };
    const role = cell.text ? kinds[cell.head] : null;
    const attributes = { ...spans, class: `${cell.head} indent-${cell.indent || 0}`, lang: "zh", title: cell.text, role };
    const name = role || !cell.text ? (role ? "th" : "td") : "td";
    const text = element("span", {}, cell.text);
    if (cell.head === "group") text.style.maxHeight = `${1.55 * (cell.rows || 1)}em`; // longer ones turn to a second line
    return element(name, attributes, text);
  }

  #field(name, spans) {
    const made = element("td", { ...spans, class: "figure", role: "gridcell", tabindex: -1, "data-field": name });
    made.append(element("span", { class: "value" }), element("span", { class: "mark", "aria-hidden": "true" }));
    this.cells.set(name, made);
    return made;
  }

  #checks(ids, spans) {
    const mark = element("td", { ...spans, class: "checks" });
    if (ids.length) this.marks.push({ mark, ids });
    return mark;
  }

  #refreshCell(name, cell) {
    const state = this.review.stateOf(name);
    const text = this.review.textOf(name);
    cell.dataset.state = state;
    cell.dataset.shown = this.review.shown(name).state;
    cell.children[0].textContent = text;
    cell.children[1].textContent = MARKS[state];
    cell.setAttribute("aria-label", this.review.describe(name));
  }

  #refreshMark(mark, ids) {
    clear(mark);
    for (const id of ids) {
      const { holds } = this.review.weigh(id);
      const said = `${this.review.nameOf(id)}: ${this.say(`holds_${holds}`)}`;
      mark.append(element("span", { class: "identity", role: "img", "data-check": id, "data-holds": String(holds), "aria-label": said, title: said }, HOLDS[holds]));
    }
  }
}
