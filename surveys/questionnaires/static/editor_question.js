// One question as a form: what every question has, and what its kind needs.

import { conditionBox, names } from "./editor_conditions.js";
import { element, newId } from "./kinds.js";

// What a new question of a kind begins with.
export const BEGIN = {
  single: () => ({ options: pair() }), multi: () => ({ options: pair() }), ranking: () => ({ options: pair(), count: 2 }),
  number: () => ({ low: 0, high: 100 }), rating: () => ({ low: 1, high: 10, low_label: "很不满意", high_label: "很满意" }),
  number_grid: () => ({ rows: [{ code: "r1", label: "第一项", low: 0, high: 20 }, { code: "r2", label: "第二项", low: 0, high: 20 }] }),
  matrix: () => ({ rows: [{ code: "r1", label: "第一项" }, { code: "r2", label: "第二项" }], labels: ["不满意", "一般", "满意"] }),
  text: () => ({ max: 200 }), photo: () => ({ max: 3, caption: 40 }),
  consent: () => ({ items: [{ code: "use", label: "同意把答案用于编制改造计划", must: true }] }),
  cascade: () => ({ levels: ["区", "街道"], options: [{ code: "a", label: "第一区" }, { code: "a1", label: "第一街道", under: "a" }] }),
  repeat: () => ({ max: 6, row_label: "位老人", questions: [{ code: "age", kind: "number", title: "年龄", low: 0, high: 120 }] }),
};
const NUMBERS = {
  multi: [["min", "最少选几项"], ["max", "最多选几项"]], ranking: [["count", "排几项"]],
  number: [["low", "最小"], ["high", "最大"], ["step", "每格（可不写，如 0.5）"], ["decimals", "几位小数（0–4）"]], rating: [["low", "最低分"], ["high", "最高分"]],
  text: [["min", "最少多少字（可不写）"], ["max", "最多多少字"], ["lines", "输入框几行"]], photo: [["max", "最多几张"], ["caption", "说明最多多少字"]],
  repeat: [["min", "最少几份"], ["max", "最多几份"]],
};
const WORDS = {
  number: [["unit", "单位"], ["at_most", "不能多于哪一题（写代码，可不写）"], ["at_least", "不能少于哪一题（写代码，可不写）"]], rating: [["low_label", "最低分的意思"], ["high_label", "最高分的意思"]], text: [["placeholder", "框里的提示"], ["pattern", "必须怎么写（正则表达式，如 \\d{6} 是六位数字；可不写）"]],
  photo: [["caption_hint", "说明的提示"]], matrix: [["none", "“没有这项”怎么说（可不写）"]], note: [["text", "说明的内容"]],
  repeat: [["row_label", "一份叫什么（带量词，如 位老人）"], ["rows_from", "份数取自哪一题的代码（可不写）"]],
};
const LISTS = { matrix: [["labels", "每一分的意思，一行一个，从 1 分开始"]], cascade: [["levels", "各级叫什么，一行一个"]] };

const pair = () => [{ code: "a", label: "第一项" }, { code: "b", label: "第二项" }];

export function freeCode(taken, head) {
  let n = 1;
  while (taken.indexOf(head + n) >= 0) n += 1;
  return head + n;
}

export function field(label, value, changed, more) {
  const id = newId(), given = more || {};
  const input = element(given.lines ? "textarea" : "input", { class: "input", id: id, rows: given.lines, inputmode: given.number ? "numeric" : undefined, type: given.lines ? undefined : "text", autocomplete: "off", disabled: given.fixed });
  input.value = value === undefined || value === null ? "" : String(value);
  input.addEventListener("input", () => {
    const text = input.value;
    if (!given.number) return changed(text);
    return changed(text.trim() === "" ? undefined : /^-?\d+$/.test(text.trim()) ? parseInt(text, 10) : text);
  });
  return element("div", { class: "field" }, element("label", { for: id }, label), input, given.hint ? element("small", {}, given.hint) : null);
}

// A code: what else in the document names it follows once it is typed whole.
function codeField(label, holder, context, follow, hint) {
  let before = holder.code;
  const made = field(label, holder.code, (text) => { holder.code = text.trim(); context.changed(); }, { hint: hint });
  made.querySelector("input").addEventListener("change", () => {
    follow(before, holder.code);
    before = holder.code;
    context.changed();
  });
  return made;
}

export function tick(label, on, changed) {
  const input = element("input", { type: "checkbox" });
  input.checked = Boolean(on);
  input.addEventListener("change", () => changed(input.checked));
  return element("label", { class: "tick" }, input, element("span", {}, label));
}

export function button(text, work, label) {
  const made = element("button", { class: "btn", type: "button", "aria-label": label }, text);
  made.addEventListener("click", work);
  return made;
}

export function move(list, at, by) {
  const to = at + by;
  if (to < 0 || to >= list.length) return;
  list.splice(to, 0, list.splice(at, 1)[0]);
}

// Sets a key, or takes it away: what is empty is not written down.
function set(object, key, value) {
  if (value === undefined || value === "" || value === false) delete object[key];
  else object[key] = value;
}

// Options, rows and items: lines of a code and words, with what else the kind knows of each.
function lines(question, key, context) {
  const box = element("div", { class: "box" }), list = question[key], word = { options: "选项", rows: "行", items: "事项" }[key];
  function draw() {
    while (box.firstChild) box.removeChild(box.firstChild);
    box.appendChild(element("p", { class: "label" }, word));
    list.forEach((one, at) => {
      const line = element("div", { class: "line" });
      line.appendChild(field(word + (at + 1), one.label, (text) => { one.label = text; context.changed(); }));
      line.appendChild(codeField("代码", one, context, (from, to) => { if (key === "options") context.renamedOption(question, from, to); }));
      if (key === "rows" && question.kind === "number_grid") {
        line.appendChild(field("最小", one.low, (n) => { set(one, "low", n); context.changed(); }, { number: true }));
        line.appendChild(field("最大", one.high, (n) => { set(one, "high", n); context.changed(); }, { number: true }));
      }
      if (question.kind === "cascade") line.appendChild(field("上一级的代码", one.under, (text) => { set(one, "under", text.trim()); context.changed(); }));
      if (question.kind === "multi") line.appendChild(tick("选了它不能再选别的", one.alone, (on) => { set(one, "alone", on); context.changed(); }));
      if (key === "items") line.appendChild(tick("不同意就不能提交", one.must, (on) => { set(one, "must", on); context.changed(); }));
      if (["single", "multi"].indexOf(question.kind) >= 0) {
        line.appendChild(tick("选了它要写几个字", one.text, (on) => { set(one, "text", on && { label: "请说明", max: 100 }); context.changed(); }));
      }
      line.appendChild(button("↑", () => { move(list, at, -1); context.changed(); draw(); }, word + (at + 1) + " 上移"));
      line.appendChild(button("删", () => { list.splice(at, 1); context.changed(); draw(); }, word + (at + 1) + " 删掉"));
      if (key === "options" && question.kind !== "cascade") {
        const known = names(context.before, context.given.facts);
        const limit = element("details", {}, element("summary", {}, one.show_if ? "这一项有条件" : "什么时候才有这一项"),
          conditionBox("什么时候才有这一项", one.show_if, known, (made) => { set(one, "show_if", made); context.changed(); }));
        line.appendChild(limit);
      }
      box.appendChild(line);
    });
    box.appendChild(button("加一" + (word === "事项" ? "项" : word === "行" ? "行" : "个选项"), () => {
      const made = { code: freeCode(list.map((one) => one.code), key === "rows" ? "r" : "o"), label: "新的" + word };
      if (question.kind === "number_grid") Object.assign(made, { low: 0, high: 20 });
      list.push(made);
      context.changed();
      draw();
    }));
  }
  draw();
  return box;
}

// context: {given, before: questions asked before it, changed(), redraw(), inner(question) -> element of a repeat}
export function questionForm(question, context) {
  const form = element("div", { class: "form" }), change = (key) => (value) => { set(question, key, value); context.changed(); };
  const put = (child) => form.appendChild(child);
  put(field("题目文字", question.title, change("title"), { lines: 2 }));
  put(field("说明（可不写）", question.hint, change("hint")));
  const line = element("div", { class: "line" });
  if (!context.within) line.appendChild(field("题号", question.no, change("no")));
  line.appendChild(codeField("代码", question, context, (from, to) => context.renamed(from, to), "统计和条件里用；发布后不要换"));
  const kind = element("select", { class: "input", "aria-label": "题型" });
  context.given.kinds.filter((one) => !context.within || context.given.inner.indexOf(one[0]) >= 0)
    .forEach((one) => kind.appendChild(element("option", { value: one[0], selected: one[0] === question.kind }, one[1])));
  kind.addEventListener("change", () => {
    const kept = { code: question.code, no: question.no, title: question.title, hint: question.hint, required: question.required, show_if: question.show_if };
    Object.keys(question).forEach((key) => delete question[key]);
    Object.keys(kept).forEach((key) => set(question, key, kept[key]));
    Object.assign(question, { kind: kind.value }, (BEGIN[kind.value] || (() => ({})))());
    context.changed();
    context.redraw();
  });
  line.appendChild(element("div", { class: "field" }, element("p", { class: "label" }, "题型"), kind));
  put(line);
  if (["note", "place"].indexOf(question.kind) < 0) {
    put(tick("必填", question.required, change("required")));
    if (["text", "single", "number"].indexOf(question.kind) >= 0) put(tick("个人信息（加密保存，不统计）", question.private, change("private")));
  }
  const numbers = element("div", { class: "line" });
  (NUMBERS[question.kind] || []).forEach((one) => numbers.appendChild(field(one[1], question[one[0]], change(one[0]), { number: true })));
  (WORDS[question.kind] || []).forEach((one) => numbers.appendChild(field(one[1], question[one[0]], change(one[0]), one[0] === "text" ? { lines: 4 } : {})));
  if (question.kind === "date") numbers.appendChild(tick("不能晚于今天", question.not_future, change("not_future")));
  if (numbers.firstChild) put(numbers);
  (LISTS[question.kind] || []).forEach((one) => put(field(one[1], (question[one[0]] || []).join("\n"), (text) => {
    question[one[0]] = text.split("\n").map((part) => part.trim()).filter(Boolean);
    context.changed();
  }, { lines: 4 })));
  (context.more ? context.more(question) : []).filter(Boolean).forEach(put);
  ["options", "rows", "items"].forEach((key) => { if (Array.isArray(question[key])) put(lines(question, key, context)); });
  if (question.kind === "repeat") put(context.inner(question));
  const known = names(context.before, context.given.facts);
  if (["note", "place"].indexOf(question.kind) < 0) {
    put(element("details", {}, element("summary", {}, "自己写提示（没填、填错时）"),
      field("没填时说", question.missing, change("missing")), field("填错时说", question.wrong, change("wrong"))));
  }
  put(conditionBox("什么时候问这一题", question.show_if, known, change("show_if")));
  if (!question.required && ["note", "place"].indexOf(question.kind) < 0) put(conditionBox("什么时候必填", question.require_if, known, change("require_if")));
  return form;
}
