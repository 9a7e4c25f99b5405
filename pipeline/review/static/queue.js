// The queue by keys: j and k choose a report, Enter opens it, d starts with the first, / goes to the search.

const links = [...document.querySelectorAll("table.list th a")];
const search = document.querySelector('input[name="q"]');

function move(step) {
  const at = links.indexOf(document.activeElement);
  const to = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))];
  if (to) to.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  d: () => document.getElementById("start")?.click(),
  "/": () => search.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
