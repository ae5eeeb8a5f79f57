// Conditions: the same words and the same answers as surveys/questionnaires/rules/branching.py, which explains them, and
// who is asked what, as rules/plan.py says. tests/surveys/questionnaires/*_vectors.json are run by both.

const FACTS = ["channel", "dwelling.floor", "building.floors", "building.has_lift", "estate.renovated", "estate.built_year"];

const own = (map, name) => (Object.prototype.hasOwnProperty.call(map, name) ? map[name] : undefined);
const whole = (value) => typeof value === "number" && Math.floor(value) === value;
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export function empty(value) {
  if (value === undefined || value === null || value === "") return true;
  return Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
}

export function lookUp(name, answers, facts) {
  if (FACTS.indexOf(name) >= 0) return own(facts, name);
  const direct = own(answers, name);
  if (direct !== undefined) return direct;
  const dot = name.indexOf(".");
  const grid = dot < 0 ? undefined : own(answers, name.slice(0, dot));
  return isMap(grid) ? own(grid, name.slice(dot + 1)) : undefined;
}

// What several answers make together (rules/amounts.py); undefined where a part is missing.
function amount(form, answers, facts) {
  if (typeof form === "number") return form;
  if (typeof form === "string") {
    const got = lookUp(form, answers, facts);
    return whole(got) ? got : undefined;
  }
  const word = Object.keys(form)[0], body = form[word];
  if (word === "count") {
    const ticked = lookUp(body, answers, facts);
    return Array.isArray(ticked) ? ticked.length : 0;
  }
  const parts = body.map((part) => amount(part, answers, facts));
  if (word === "or") return parts[0] === undefined ? parts[1] : parts[0];
  if (parts.indexOf(undefined) >= 0) return undefined;
  return parts.reduce((a, b) => (word === "sum" ? a + b : word === "less" ? a - b : a * b));
}

export function holds(expr, answers, facts) {
  const word = Object.keys(expr)[0], body = expr[word];
  if (word === "all") return body.every((part) => holds(part, answers, facts));
  if (word === "any") return body.some((part) => holds(part, answers, facts));
  if (word === "not") return !holds(body, answers, facts);
  if (word === "answered") return !empty(lookUp(body, answers, facts));
  const got = (isMap(body[0]) ? amount : lookUp)(body[0], answers, facts), wanted = body[1];
  if (word === "is") return got === wanted;
  if (word === "in") return wanted.some((one) => got === one);
  if (word === "has") return Array.isArray(got) && got.indexOf(wanted) >= 0;
  if (word === "at_least") return whole(got) && got >= wanted;
  return word === "at_most" && whole(got) && got <= wanted;
}

// The codes that may be chosen now.
export function offered(question, kept, facts) {
  return (question.options || []).filter((one) => !one.show_if || holds(one.show_if, kept, facts)).map((one) => one.code);
}

export function needed(question, kept, facts) {
  return Boolean(question.required || (question.require_if && holds(question.require_if, kept, facts))
    || (question.rows_from && holds({ at_least: [question.rows_from, 1] }, kept, facts)));
}

// Of a list of questions in order those that are asked, with what conditions may read of the answers (`kept`). A row of
// a repeat is asked on top of what was kept before it (`before`).
export function asked(questions, answers, facts, before) {
  const kept = Object.assign({}, before);
  const list = questions.filter((question) => {
    if (question.show_if && !holds(question.show_if, kept, facts)) return false;
    const limited = (question.options || []).some((one) => one.show_if);
    if (limited && !offered(question, kept, facts).length) return false;
    const value = answers[question.code];
    if (!empty(value) && !question.private && question.kind !== "phone") kept[question.code] = value;
    return true;
  });
  return { list: list, kept: kept, facts: facts };
}

// Questions with the text or number fields of their options behind each, as questions of their own; `within`: the code
// of the repeat they stand in, which then begins theirs.
export function flattened(questions, within) {
  const flat = [];
  questions.forEach((entry) => {
    const question = within ? Object.assign({}, entry, { code: within + "." + entry.code }) : entry;
    flat.push(question);
    (question.options || []).forEach((option) => {
      const kind = option.text ? "text" : option.number ? "number" : "";
      if (!kind) return;
      const condition = {};
      condition[question.kind === "single" ? "is" : "has"] = [question.code, option.code];
      flat.push(Object.assign({}, option[kind], {
        code: question.code + "." + option.code, kind: kind, no: question.no, title: option[kind].label || option.label,
        show_if: condition, parent: option.code, owner: question.code,
      }));
    });
  });
  return flat;
}
