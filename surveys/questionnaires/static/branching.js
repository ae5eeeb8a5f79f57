// Conditions: the same words and the same answers as surveys/questionnaires/rules/branching.py, which explains them.
// tests/surveys/questionnaires/branching_vectors.json is run by both.

const FACTS = ["channel", "dwelling.floor", "building.floors", "building.has_lift", "estate.renovated", "estate.built_year"];

const own = (map, name) => (Object.prototype.hasOwnProperty.call(map, name) ? map[name] : undefined);
const whole = (value) => typeof value === "number" && Math.floor(value) === value;
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export function empty(value) {
  if (value === undefined || value === null || value === "") return true;
  return Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
}

function lookUp(name, answers, facts) {
  if (FACTS.indexOf(name) >= 0) return own(facts, name);
  const direct = own(answers, name);
  if (direct !== undefined) return direct;
  const dot = name.indexOf(".");
  const grid = dot < 0 ? undefined : own(answers, name.slice(0, dot));
  return isMap(grid) ? own(grid, name.slice(dot + 1)) : undefined;
}

export function holds(expr, answers, facts) {
  const word = Object.keys(expr)[0], body = expr[word];
  if (word === "all") return body.every((part) => holds(part, answers, facts));
  if (word === "any") return body.some((part) => holds(part, answers, facts));
  if (word === "not") return !holds(body, answers, facts);
  if (word === "answered") return !empty(lookUp(body, answers, facts));
  const got = lookUp(body[0], answers, facts), wanted = body[1];
  if (word === "is") return got === wanted;
  if (word === "in") return wanted.some((one) => got === one);
  if (word === "has") return Array.isArray(got) && got.indexOf(wanted) >= 0;
  if (word === "at_least") return whole(got) && got >= wanted;
  return word === "at_most" && whole(got) && got <= wanted;
}
