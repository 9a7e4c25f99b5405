// The left side: the pages as pictures with a box for each field, or the text with the characters of each field marked.

import { element, clear } from "./elements.js";

const STEP = 1.25;
const SHARPNESS = 400; // pictures are asked for in widths of so many pixels, so that few are drawn
const WIDEST = 2400;
const CONTEXT = 18; // characters around a figure in the close-up
const CLOSE = 2.2; // pixels a point in the close-up

export class SourcePane {
  // `say` gives the text of the interface; `pick(field, settled)` is told what the mouse is over or has clicked.
  constructor(pane, closeUp, id, say, pick) {
    Object.assign(this, { pane, closeUp, id, say, pick, zoom: 1, spots: new Map(), sheets: [], shown: null });
    for (const [kind, settled] of [["mouseover", false], ["click", true]]) {
      pane.addEventListener(kind, (event) => {
        const spot = event.target.closest("[data-fields]");
        if (spot) pick(this.#named(spot, settled), settled);
        else if (!settled) pick(null, false);
      });
    }
    pane.addEventListener("mouseleave", () => pick(null, false));
  }

  draw(view, fields) {
    this.view = view;
    this.fields = fields;
    this.spots = new Map();
    clear(this.pane);
    if (view.kind === "pages") this.#drawPages();
    else if (view.kind === "text") this.#drawText();
    else this.pane.append(element("p", { class: "missing" }, view.message || this.say("source_missing")));
  }

  // Mark the fields that need a look; `states` gives a field's state of review.
  mark(states) {
    for (const [name, spots] of this.spots) {
      for (const spot of spots) {
        const all = spot.dataset.fields.split(" ").map(states);
        spot.dataset.state = ["failed", "doubtful", "corrected"].find((one) => all.includes(one)) || "accepted";
      }
      if (name === this.shown) this.#outline(name, "current");
    }
  }

  hover(name) {
    this.#outline(name, "hovered");
  }

  // Show where a field stands; one without a place where its neighbour does.
  show(name, neighbour) {
    Object.assign(this, { shown: name, neighbour });
    this.#outline(name, "current");
    const spot = (this.spots.get(name) || this.spots.get(neighbour) || [])[0];
    if (spot) this.#bringIntoView(spot);
    this.#drawCloseUp(this.fields[this.has(name) ? name : neighbour], this.has(name));
  }

  has(name) {
    return this.spots.has(name);
  }

  zoomBy(steps) {
    this.zoom = steps === 0 ? 1 : Math.min(5, Math.max(0.5, this.zoom * STEP ** steps));
    this.#size();
    if (this.shown) this.show(this.shown, this.neighbour);
  }

  fit() {
    this.#size();
  }

  turnTo(number) {
    const sheet = this.sheets[Math.min(this.sheets.length, Math.max(1, number)) - 1];
    if (sheet) this.pane.scrollTop = sheet.offsetTop - this.pane.offsetTop;
  }

  #named(spot, settled) {
    const names = spot.dataset.fields.split(" ");
    if (!settled || !names.includes(this.shown)) return names[0];
    return names[(names.indexOf(this.shown) + 1) % names.length];
  }

  #outline(name, how) {
    for (const spot of this.pane.querySelectorAll(`.${how}`)) spot.classList.remove(how);
    for (const spot of this.spots.get(name) || []) spot.classList.add(how);
  }

  #bringIntoView(spot) {
    const inside = this.pane.getBoundingClientRect();
    const box = spot.getBoundingClientRect();
    const margin = inside.height / 5;
    if (box.top < inside.top + margin || box.bottom > inside.bottom - margin) {
      this.pane.scrollTop += (box.top + box.bottom) / 2 - (inside.top + inside.bottom) / 2;
    }
    if (box.left < inside.left || box.right > inside.right) {
      this.pane.scrollLeft += (box.left + box.right) / 2 - (inside.left + inside.right) / 2;
    }
  }

  // Pages

  #drawPages() {
    this.sheets = this.view.pages.map((page, at) => {
      const picture = element("img", { alt: `${this.say("page")} ${at + 1}`, loading: "lazy", draggable: "false" });
      const sheet = element("div", { class: "sheet" }, picture);
      sheet.style.aspectRatio = `${page.width} / ${page.height}`;
      return sheet;
    });
    this.pane.append(...this.sheets);
    for (const [name, place] of this.#places((one) => one.box)) this.#addBox(name, place);
    this.#size();
  }

  *#places(of) {
    for (const [name, field] of Object.entries(this.fields)) {
      if (field.location && of(field.location)) yield [name, field.location];
    }
  }

  #addBox(name, { page, box }) {
    const sheet = this.sheets[page - 1];
    const size = this.view.pages[page - 1];
    if (!sheet) return;
    const key = box.join(",");
    const known = [...sheet.children].find((one) => one.dataset.key === key);
    const spot = known || element("div", { class: "spot", "data-key": key, "data-fields": name });
    if (known) spot.dataset.fields += ` ${name}`;
    else {
      const [x0, top, x1, bottom] = box;
      const share = (part, whole) => `${(100 * part) / whole}%`;
      Object.assign(spot.style, { left: share(x0, size.width), top: share(top, size.height) });
      Object.assign(spot.style, { width: share(x1 - x0, size.width), height: share(bottom - top, size.height) });
      sheet.append(spot);
    }
    this.spots.set(name, [spot]);
  }

  // One picture serves the page and the close-up, so that the close-up need not wait.
  #address(number, width) {
    const wanted = Math.max(width, this.view.pages[number - 1].width * CLOSE) * window.devicePixelRatio;
    const sharp = Math.min(WIDEST, Math.ceil(wanted / SHARPNESS) * SHARPNESS);
    return `/document/${encodeURIComponent(this.id)}/page/${number}.png?width=${sharp}`;
  }

  #size() {
    if (this.view.kind !== "pages") {
      this.pane.style.fontSize = `${this.zoom * 100}%`;
      return;
    }
    const width = Math.max(200, (this.pane.clientWidth - 16) * this.zoom);
    this.sheets.forEach((sheet, at) => {
      sheet.style.width = `${width}px`;
      const address = this.#address(at + 1, width);
      const picture = sheet.firstChild;
      if (picture.getAttribute("src") !== address) picture.src = address;
    });
  }

  // Text

  #drawText() {
    const fields = [...this.#places((one) => one.span)];
    const bounds = [...new Set(fields.flatMap(([, place]) => place.span))].sort((a, b) => a - b);
    for (const block of this.view.blocks) this.pane.append(this.#block(block, fields, bounds));
    if (this.view.cut) this.pane.append(element("p", { class: "missing" }, this.say("source_cut")));
  }

  #block(block, fields, bounds) {
    if (block.text) return element(block.plain ? "pre" : "p", {}, ...this.#atoms(block.text, fields, bounds));
    const rows = block.rows.map((cells) =>
      element("tr", {}, ...cells.map((cell) => {
        const spans = { rowspan: cell.rows, colspan: cell.columns };
        return element("td", spans, ...this.#atoms(cell.text, fields, bounds));
      })),
    );
    return element("table", { role: "presentation" }, element("tbody", {}, ...rows));
  }

  #atoms(pieces, fields, bounds) {
    return pieces.flatMap(([text, start, end]) => {
      const inside = text.length === end - start ? bounds.filter((one) => one > start && one < end) : [];
      const cuts = [start, ...inside, end];
      return cuts.slice(1).map((to, at) => {
        const from = cuts[at];
        const part = inside.length ? text.slice(from - start, to - start) : text;
        const names = fields.filter(([, { span }]) => span[0] < to && span[1] > from && part.trim()).map(([name]) => name);
        if (!names.length) return document.createTextNode(part);
        const spot = element("span", { class: "spot", "data-fields": names.join(" ") }, part);
        for (const name of names) this.spots.set(name, [...(this.spots.get(name) || []), spot]);
        return spot;
      });
    });
  }

  // The close-up beside the input: eyes need not wander

  #drawCloseUp(field, own) {
    clear(this.closeUp);
    const place = field && field.location;
    if (place && place.box && this.view.kind === "pages") this.#closeUpOfPage(place, own);
    else if (place && place.span && own) this.#closeUpOfText();
    if (!own && !this.closeUp.children.length) this.closeUp.append(element("span", { class: "missing" }, this.say("no_place")));
  }

  #closeUpOfPage({ page, box }, own) {
    const size = this.view.pages[page - 1];
    const scale = Math.min(CLOSE, WIDEST / size.width);
    const picture = element("img", { alt: "", src: this.#address(page, size.width * scale) });
    const [x0, top, x1, bottom] = box.map((side) => side * scale);
    const left = (x0 + x1 - this.closeUp.clientWidth) / 2;
    const above = (top + bottom - this.closeUp.clientHeight) / 2;
    Object.assign(picture.style, { width: `${size.width * scale}px`, left: `${-left}px`, top: `${-above}px` });
    const frame = element("div", { class: own ? "frame" : "frame near" });
    Object.assign(frame.style, { left: `${x0 - left - 2}px`, top: `${top - above - 2}px` });
    Object.assign(frame.style, { width: `${x1 - x0 + 4}px`, height: `${bottom - top + 4}px` });
    this.closeUp.append(picture, frame);
  }

  #closeUpOfText() {
    const spots = this.spots.get(this.shown);
    const all = spots.map((spot) => spot.textContent).join("");
    const whole = all.length > CONTEXT ? `…${all.slice(1 - CONTEXT)}` : all;
    const before = this.#beside(spots[0], "previousSibling");
    const after = this.#beside(spots[spots.length - 1], "nextSibling");
    this.closeUp.append(before.slice(-CONTEXT), element("mark", {}, whole), after.slice(0, CONTEXT));
  }

  #beside(node, way) {
    let text = "";
    for (let next = this.#neighbour(node, way); next && text.length < CONTEXT; next = this.#neighbour(next, way)) {
      text = way === "nextSibling" ? `${text}${next.textContent}` : `${next.textContent}${text}`;
    }
    return text.replace(/\s+/g, " ");
  }

  // The text beside a node: of the same paragraph, or of the next cell of its row, set apart.
  #neighbour(node, way) {
    if (node[way]) return node[way];
    const cell = node.parentElement && node.parentElement.closest("td");
    const beside = cell && cell[way === "nextSibling" ? "nextElementSibling" : "previousElementSibling"];
    if (!beside || !node.parentElement) return null;
    return element("i", {}, ` ${beside.textContent} `);
  }
}
