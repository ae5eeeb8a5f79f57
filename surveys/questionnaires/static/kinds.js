// How questions are drawn, shown in the review and checked on the phone: one object a kind, the first ones here, the
// rest in kinds_more.js (loaded behind the first screen). The server checks everything again.
//   draw(question, value, change, context) -> element;  change(undefined) takes an answer away
//   show(question, value) -> [texts];  fault(question, value) -> "" or what to change

import { offered } from "./branching.js";

let count = 0;

// element("p", {class: "sub"}, "text", child, …); no markup from text, ever
export function element(tag, attributes) {
  const made = document.createElement(tag);
  Object.keys(attributes || {}).forEach((name) => {
    const value = attributes[name];
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
  });
  for (let i = 2; i < arguments.length; i += 1) {
    const child = arguments[i];
    if (child) made.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
  return made;
}

export function newId() { count += 1; return "k" + count; }

export const labelOf = (list, code) => (list.filter((one) => one.code === code)[0] || { label: code }).label;

function choice(question, type, option, on, tapped) {
  const input = element("input", { type: type, name: question.code, value: option.code });
  input.checked = on;
  input.addEventListener("change", () => tapped(input));
  return element("label", { class: on ? "choice on" : "choice" }, input, element("span", {}, option.label));
}

// The text or number field of an option stands under it while it is chosen.
function extra(box, option, question, context) {
  const child = context.children(question).filter((one) => one.parent === option.code)[0];
  if (child) box.appendChild(context.field(child));
}

const single = {
  draw(question, value, change, context) {
    const box = element("div", { class: "choices" });
    question.options.forEach((option) => {
      box.appendChild(choice(question, "radio", option, option.code === value, () => change(option.code)));
      extra(box, option, question, context);
    });
    return box;
  },
  show: (question, value) => [labelOf(question.options, value)],
  fault: () => "",
};

const multi = {
  draw(question, value, change, context) {
    const box = element("div", { class: "choices" });
    let picked = Array.isArray(value) ? value.slice() : [];
    const alone = question.options.filter((option) => option.alone).map((option) => option.code);
    question.options.forEach((option) => {
      box.appendChild(choice(question, "checkbox", option, picked.indexOf(option.code) >= 0, (input) => {
        if (!input.checked) picked = picked.filter((code) => code !== option.code);
        else if (alone.indexOf(option.code) >= 0) picked = [option.code];
        else {
          const rest = picked.filter((code) => alone.indexOf(code) < 0);
          if (question.max && rest.length >= question.max) {
            input.checked = false;
            context.say("最多选 " + question.max + " 项，请先取消一项。");
            return;
          }
          picked = rest.concat(option.code);
        }
        box.querySelectorAll("input[type=checkbox]").forEach((one) => { one.checked = picked.indexOf(one.value) >= 0; });
        change(picked.length ? picked : undefined);
      }));
      extra(box, option, question, context);
    });
    return box;
  },
  show: (question, value) => question.options.filter((option) => value.indexOf(option.code) >= 0).map((option) => option.label),
  fault(question, value, context) {
    if (question.max && value.length > question.max) return "最多选 " + question.max + " 项，请取消几项。";
    const ticked = question.options.filter((option) => value.indexOf(option.code) >= 0);
    if (ticked.some((option) => option.alone)) return ticked.length > 1 ? "选了“都不需要”一类的选项，就不能再选别的。" : "";
    const fewest = Math.min(question.min || 1, choosable(question, context));
    return ticked.length < fewest ? "至少选 " + fewest + " 项。" : "";
  },
};

// How many options there are to choose from now, those that exclude the others apart.
function choosable(question, context) {
  const now = context.now(), may = offered(question, now.kept, now.facts);
  return question.options.filter((option) => !option.alone && may.indexOf(option.code) >= 0).length;
}

// "86.5" with two decimals is 8650; what is no number stays the text it is, so that nothing typed is lost
export function scaled(text, decimals) {
  const plain = text.replace(/[０-９．－]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 65248)).replace(/\s/g, "").replace(/^[−–—]/, "-");
  const found = /^(-?\d{1,10})(?:\.(\d+))?$/.exec(plain);
  if (!found || (found[2] || "").length > decimals) return text;
  return parseInt(found[1] + ((found[2] || "") + "0000").slice(0, decimals), 10);
}

function written(value, decimals) {
  if (typeof value !== "number") return value || "";
  if (!decimals) return String(value);
  const digits = ("00000" + Math.abs(value)).slice(-Math.max(String(Math.abs(value)).length, decimals + 1));
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return (value < 0 ? "-" : "") + digits.slice(0, -decimals) + (fraction ? "." + fraction : "");
}

// Phones have no minus on their number keys, so where a number may be below zero they show all their signs.
function numberInput(spec, value, attributes, changed) {
  const decimals = spec.decimals || 0, below = scaled(String(spec.low), decimals) < 0;
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
  const decimals = spec.decimals || 0, exact = (key) => scaled(String(spec[key]), decimals);
  if (typeof value !== "number") return decimals ? "请填数字，最多 " + decimals + " 位小数。" : "请填数字，不要小数。";
  if (value < exact("low") || value > exact("high")) return "请填 " + spec.low + " 到 " + spec.high + "。";
  return spec.step && (value - exact("low")) % exact("step") ? "请从 " + spec.low + " 起，每 " + spec.step + " 一格填。" : "";
}

const number = {
  draw: (question, value, change, context) => numberInput(question, value, { "aria-labelledby": context.label, name: question.code }, change),
  show: (question, value) => [written(value, question.decimals) + (question.unit || "")],
  fault: outOfRange,
};

const numberGrid = {
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

const text = {
  draw(question, value, change, context) {
    const input = element(question.lines ? "textarea" : "input", {
      class: "input", name: question.code, rows: question.lines, maxlength: question.max, "aria-labelledby": context.label, type: question.lines ? undefined : "text", autocomplete: "off",
    });
    input.value = value || "";
    const left = question.max >= 100 ? element("small", { class: "sub" }) : null;
    const tell = () => { if (left) left.textContent = input.value.length + " / " + question.max + " 字"; };
    input.addEventListener("input", () => { tell(); change(input.value.trim() === "" ? undefined : input.value); });
    tell();
    return element("div", {}, input, left);
  },
  show: (question, value) => [value],
  fault: (question, value) => (Array.from(value.trim()).length > question.max ? "最多 " + question.max + " 个字。" : ""),
};

const place = {
  draw: (question, value, change, context) => element("p", {}, context.given.place),
  show: (question, value, context) => [context.given.place],
  fault: () => "",
};

const note = { draw: (question) => element("p", {}, question.text || ""), show: () => [], fault: () => "" };

export const KINDS = { single: single, multi: multi, number: number, number_grid: numberGrid, text: text, place: place, note: note };
export const ASKS_NOTHING = ["place", "note"];
