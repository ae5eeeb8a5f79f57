// Numbers, one and several, as rules/questions/scales.py reads them: limits with a fraction, steps, what is below zero.
// tests/surveys/questionnaires/number_vectors.json is run by both.

import { lookUp } from "./branching.js";
import { element, newId } from "./kinds.js";

// "86.5" with two decimals is 8650; what is no number stays the text it is, so that nothing typed is lost
export function scaled(text, decimals) {
  const plain = text.replace(/[０-９．－]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 65248)).replace(/\s/g, "").replace(/^[−–—]/, "-");
  const found = /^(-?\d{1,10})(?:\.(\d+))?$/.exec(plain);
  if (!found || (found[2] || "").length > decimals) return text;
  return parseInt(found[1] + ((found[2] || "") + "0000").slice(0, decimals), 10);
}

// A limit or step as people wrote it: "9.50" is 9.5.
const exact = (spec, key) => scaled(String(Number(spec[key])), spec.decimals || 0);

export function written(value, decimals) {
  if (typeof value !== "number") return value || "";
  if (!decimals) return String(value);
  const digits = ("00000" + Math.abs(value)).slice(-Math.max(String(Math.abs(value)).length, decimals + 1));
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return (value < 0 ? "-" : "") + digits.slice(0, -decimals) + (fraction ? "." + fraction : "");
}

// Phones have no minus on their number keys, so where a number may be below zero they show all their signs.
function numberInput(spec, value, attributes, changed) {
  const decimals = spec.decimals || 0, below = exact(spec, "low") < 0;
  const input = element("input", Object.assign({
    class: "input", type: "text", inputmode: below ? "text" : decimals ? "decimal" : "numeric", autocomplete: "off", maxlength: 16,
  }, attributes));
  input.value = written(value, decimals);
  input.addEventListener("input", () => {
    const text = input.value.trim();
    changed(text === "" ? undefined : scaled(text, decimals));
  });
  return element("div", { class: "unit" }, input, spec.unit ? element("span", {}, spec.unit) : null);
}

function outOfRange(spec, value) {
  const decimals = spec.decimals || 0, low = exact(spec, "low");
  if (typeof value !== "number") return decimals ? "请填数字，最多 " + decimals + " 位小数。" : "请填数字，不要小数。";
  if (value < low || value > exact(spec, "high")) return "请填 " + spec.low + " 到 " + spec.high + "。";
  return spec.step && (value - low) % exact(spec, "step") ? "请从 " + spec.low + " 起，每 " + spec.step + " 一格填。" : "";
}

// A number may not be more, or less, than one that was answered before.
function besideOthers(question, value, context) {
  const now = question.at_most || question.at_least ? context.now() : null;
  const other = (key) => (question[key] ? lookUp(question[key], now.kept, now.facts) : undefined);
  const most = other("at_most"), least = other("at_least"), words = (n) => written(n, question.decimals) + (question.unit || "");
  if (typeof most === "number" && value > most) return "不能比前面填的 " + words(most) + " 多。";
  return typeof least === "number" && value < least ? "不能比前面填的 " + words(least) + " 少。" : "";
}

export const number = {
  draw: (question, value, change, context) => numberInput(question, value, { "aria-labelledby": context.label, name: question.code }, change),
  show: (question, value) => [written(value, question.decimals) + (question.unit || "")],
  fault: (question, value, context) => outOfRange(question, value) || besideOthers(question, value, context),
};

export const numberGrid = {
  draw(question, value, change) {
    const filled = Object.assign({}, value);
    const box = element("div", {});
    question.rows.forEach((row) => {
      const id = newId();
      box.appendChild(element("div", { class: "grid-row" }, element("label", { for: id }, row.label),
        numberInput(row, filled[row.code], { id: id, name: question.code + "." + row.code }, (typed) => {
          if (typed === undefined) delete filled[row.code];
          else filled[row.code] = typed;
          change(Object.keys(filled).length ? Object.assign({}, filled) : undefined);
        })));
    });
    return box;
  },
  show: (question, value) => question.rows.filter((row) => row.code in value).map((row) => row.label + "：" + value[row.code] + (row.unit || "")),
  fault(question, value) {
    let found = "";
    question.rows.forEach((row) => {
      if (found || !(row.code in value)) return;
      const wrong = outOfRange(row, value[row.code]);
      const other = question.rows.filter((one) => one.code === row.at_most)[0];
      if (wrong) found = row.label + "：" + wrong;
      else if (other && other.code in value && value[row.code] > value[other.code]) found = "“" + row.label + "”不能比“" + other.label + "”多。";
    });
    return found;
  },
};
