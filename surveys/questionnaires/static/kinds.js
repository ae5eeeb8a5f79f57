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

export const KINDS = { single: single, multi: multi, text: text, place: place, note: note };
export const ASKS_NOTHING = ["place", "note"];
