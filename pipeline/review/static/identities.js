// The identities over what the tables show now, as pipeline/checks.py holds them: while somebody types, before the
// server confirms. A shown field is {state, value}.

const TOLERANCE = 1e-6;
const COMBINATIONS = 20000;

// The sum of fields; null where one is unreadable or nothing is printed.
export function sum(names, shown) {
  let total = 0;
  let printed = false;
  for (const name of names) {
    const field = shown(name);
    if (field.state === "unreadable") return null;
    if (field.state === "printed") {
      total += field.value;
      printed = true;
    }
  }
  return printed ? total : null;
}

// Both sides of an identity and whether they are equal (null: cannot be told).
export function weigh(identity, shown, facts) {
  const fact = identity.kind === "prose" ? facts[identity.left[0]] : null;
  const left = identity.kind === "prose" ? (fact && fact.accepted ? fact.value : null) : sum(identity.left, shown);
  const right = sum(identity.right, shown);
  const holds = left === null || right === null ? null : Math.abs(left - right) < TOLERANCE;
  return { left, right, holds };
}

// For each reading of a field: how many of its identities hold and how many fail if it is taken.
export function tried(identities, name, reading, shown, facts) {
  const then = (other) => (other === name ? reading : shown(other));
  const found = identities.map((one) => weigh(one, then, facts).holds);
  return { hold: found.filter((one) => one === true).length, fail: found.filter((one) => one === false).length };
}

// What a field must be for an identity to hold, where all its other fields are settled; null where several do not agree
// or none tells.
export function asked(identities, name, shown, facts) {
  const answers = new Set();
  for (const identity of identities) {
    const without = (other) => (other === name ? { state: "printed", value: 0 } : shown(other));
    const { left, right } = weigh(identity, without, facts);
    if (left === null || right === null) continue;
    answers.add(identity.left.includes(name) ? right - left : left - right);
  }
  return answers.size === 1 ? [...answers][0] : null;
}

// The candidates of fields that were cut out of one run of digits: those that still take part in a way to cut it.
// `settled` gives a field's value as text once somebody settled it ("" for blank), else null.
export function cuts(run, names, candidates, settled) {
  const digits = run.replace(/\D/g, "");
  const left = names.map(() => new Set());
  let steps = 0;
  const walk = (at, place, taken) => {
    steps += 1;
    if (steps > COMBINATIONS) return;
    if (at === names.length) {
      if (place === digits.length) taken.forEach((value, index) => left[index].add(value));
      return;
    }
    const known = settled(names[at]);
    for (const text of known === null ? candidates(names[at]).map(String) : [known]) {
      if (digits.startsWith(text, place)) walk(at + 1, place + text.length, [...taken, text]);
    }
  };
  walk(0, 0, []);
  const whole = steps <= COMBINATIONS && left.every((some) => some.size);
  return new Map(names.map((name, at) => [name, whole ? candidates(name).filter((one) => left[at].has(String(one))) : candidates(name)]));
}
