// What the page asks of the server. Changes go one after the other, each with the version that was seen.

const token = () => document.querySelector('meta[name="csrf-token"]').content;

// Somebody else changed the document first: `by` whom ("" where it was read anew) and when.
export class Conflict extends Error {
  constructor(told) {
    super(told.error);
    this.by = told.by || "";
    this.at = told.at || "";
  }
}

export class Server {
  constructor(id) {
    this.address = `/api/document/${encodeURIComponent(id)}`;
    Object.assign(this, { version: 0, last: Promise.resolve(), conflicts: 0, conflict: null });
  }

  read() {
    return this.#ask(this.address, { headers: { Accept: "application/json" } });
  }

  correct(changes) {
    return this.#inTurn(() => this.#post("/correct", { version: this.version, changes }));
  }

  undo() {
    return this.#inTurn(() => this.#post("/undo", { version: this.version }));
  }

  // What was entered before a conflict was known of meets that conflict too: its author had not seen the change either.
  #inTurn(ask) {
    const seen = this.conflicts;
    const turn = this.last.then(() => {
      if (seen !== this.conflicts) throw this.conflict;
      return ask();
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  #post(path, body) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token() };
    return this.#ask(this.address + path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #ask(address, options) {
    const answer = await fetch(address, { ...options, credentials: "same-origin", cache: "no-store" });
    const told = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
    if (answer.status === 409) {
      this.conflicts += 1;
      this.conflict = new Conflict(told);
      throw this.conflict;
    }
    if (!answer.ok) throw new Error(told.error || String(answer.status));
    this.version = told.version;
    return told;
  }
}
