// Small helpers for the page. Text always goes in as text: nothing that a report says becomes markup.

export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

export function clear(node) {
  node.replaceChildren();
}

export function button(text, key, act, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, ...(key ? [element("kbd", {}, key), " "] : []), text);
  made.addEventListener("click", act);
  return made;
}

// The texts of the interface, from the page.
export function speaker() {
  const strings = JSON.parse(document.getElementById("strings").textContent);
  return (key, filling = {}) =>
    (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in filling ? String(filling[name]) : whole));
}
