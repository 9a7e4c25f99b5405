// The keys of the document page, and the buttons that do the same. Digits take readings and never type: who has got used
// to typing would take a reading by its number where he means a figure.

const ALWAYS = {
  d: (act) => act.forward(),
  q: (act) => act.back(),
  "?": (act) => act.help(),
  "+": (act) => act.zoom(1),
  "-": (act) => act.zoom(-1),
  0: (act) => act.zoom(0),
};

const IN_A_CELL = {
  n: (act) => act.next(),
  j: (act) => act.next(),
  p: (act) => act.previous(),
  k: (act) => act.previous(),
  Enter: (act) => act.type(),
  "=": (act) => act.type(),
  a: (act) => act.accept(),
  b: (act) => act.blank(),
  x: (act) => act.absent(),
  i: (act) => act.illegible(),
  r: (act) => act.row(),
  t: (act) => act.table(),
  u: (act) => act.undo(),
  ArrowDown: (act) => act.move(1, 0),
  ArrowUp: (act) => act.move(-1, 0),
  ArrowRight: (act) => act.move(0, 1),
  ArrowLeft: (act) => act.move(0, -1),
};
for (let digit = 1; digit <= 9; digit += 1) IN_A_CELL[digit] = (act) => act.take(digit - 1);

const WHILE_TYPING = { Enter: (act) => act.enter(), Escape: (act) => act.drop() };
const ZOOMS = { "zoom-in": 1, "zoom-out": -1, "zoom-fit": 0 };
const OWN_KEYS = ["Enter", " "]; // of buttons and links that have the focus

// Listen for keys and buttons. `busy` tells whether a question is open, `anywhere` whether one is at a cell.
export function listen(act, { input, busy, anywhere }) {
  for (const one of document.querySelectorAll("[data-act]")) {
    const name = one.dataset.act;
    one.addEventListener("click", () => (name in ZOOMS ? act.zoom(ZOOMS[name]) : act[name]()));
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target === input;
    const does = typing ? WHILE_TYPING[event.key] : meaning(event, busy(), anywhere());
    if (!does) return;
    event.preventDefault();
    does(act);
  });
}

function meaning(event, busy, anywhere) {
  if (document.querySelector("dialog[open]") || busy) return null;
  if (event.ctrlKey && event.key === "z" && anywhere) return IN_A_CELL.u;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.target.closest("button, a, select, summary") && OWN_KEYS.includes(event.key)) return null;
  if (Object.hasOwn(ALWAYS, event.key)) return ALWAYS[event.key];
  return anywhere && Object.hasOwn(IN_A_CELL, event.key) ? IN_A_CELL[event.key] : null;
}
