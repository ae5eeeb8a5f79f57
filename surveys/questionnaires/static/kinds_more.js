// The kinds that the first screens do not need; see kinds.js.

import { offered } from "./branching.js";
import { KINDS, element, labelOf, newId } from "./kinds.js";
import { photo, signed } from "./files.js";
import { number, numberGrid } from "./numbers.js";
import { fits } from "./patterns.js";
import { repeat } from "./repeats.js";

const ranking = {
  draw(question, value, change, context) {
    const box = element("div", { class: "choices" });
    let order = Array.isArray(value) ? value.slice() : [];
    // What was ticked in the questions before comes first: three of five are found sooner than three of forty.
    const ticked = [];
    (question.options_from || []).forEach((source) => {
      [].concat(context.answers[source] || []).forEach((code) => ticked.push(code));
    });
    const near = question.options.filter((option) => ticked.indexOf(option.code) >= 0 || order.indexOf(option.code) >= 0);
    const far = question.options.filter((option) => near.indexOf(option) < 0);
    function mark() {
      box.querySelectorAll("label").forEach((label) => {
        const input = label.querySelector("input"), at = order.indexOf(input.value);
        input.checked = at >= 0;
        label.classList.toggle("on", at >= 0);
        label.querySelector(".place").textContent = at >= 0 ? "第" + (at + 1) : "";
      });
    }
    const add = (place) => (option) => {
      const input = element("input", { type: "checkbox", name: question.code, value: option.code });
      input.addEventListener("change", () => {
        const at = order.indexOf(option.code);
        if (at >= 0) order.splice(at, 1);
        else if (order.length < question.count) order.push(option.code);
        else context.say("已经排了 " + question.count + " 项，请先取消一项。");
        mark();
        change(order.length ? order.slice() : undefined);
      });
      place.appendChild(element("label", { class: "choice" }, input, element("span", {}, option.label), element("b", { class: "place" })));
    };
    const folded = near.length >= question.count && far.length;
    if (folded) box.appendChild(element("p", { class: "group sub" }, "您刚才选过的"));
    near.forEach(add(box));
    if (folded) {
      const more = element("details", {}, element("summary", {}, "看其他 " + far.length + " 项"));
      far.forEach(add(more));
      box.appendChild(more);
    } else far.forEach(add(box));
    mark();
    return box;
  },
  show: (question, value) => value.map((code, i) => "第" + (i + 1) + "：" + labelOf(question.options, code)),
  fault(question, value, context) {
    const now = context.now(), count = Math.min(question.count, offered(question, now.kept, now.facts).length);
    return value.length === count ? "" : "请选出并排好 " + count + " 项，现在是 " + value.length + " 项。";
  },
};

// A row of number boxes; `words` are read out in place of the digits.
function scores(name, list, value, label, chosen) {
  const row = element("div", { class: "scores", role: "radiogroup", "aria-labelledby": label });
  list.forEach((score) => {
    const input = element("input", { type: "radio", name: name, value: String(score.value), "aria-label": score.words });
    input.checked = score.value === value;
    const box = element("label", { class: input.checked ? "score on" : "score" }, input, element("span", { "aria-hidden": "true" }, score.text));
    input.addEventListener("change", () => {
      row.querySelectorAll(".score").forEach((one) => one.classList.toggle("on", one === box));
      chosen(score.value);
    });
    row.appendChild(box);
  });
  return row;
}

const rating = {
  draw(question, value, change, context) {
    const list = [];
    for (let n = question.low; n <= question.high; n += 1) list.push({ value: n, text: String(n), words: n + "分" });
    return element("div", {},
      scores(question.code, list, value, context.label, change),
      element("div", { class: "ends sub" }, element("span", {}, question.low + " " + (question.low_label || "")), element("span", {}, question.high + " " + (question.high_label || ""))));
  },
  show: (question, value) => [value + "分"],
  fault: () => "",
};

const matrix = {
  draw(question, value, change) {
    const filled = Object.assign({}, value);
    const list = question.labels.map((label, i) => ({ value: i + 1, text: String(i + 1), words: label }));
    if (question.none) list.push({ value: 0, text: "无", words: question.none });
    const box = element("div", { class: "rows" });
    question.rows.forEach((row) => {
      const id = newId();
      box.appendChild(element("div", {}, element("p", { id: id }, row.label),
        scores(question.code + "." + row.code, list, filled[row.code], id, (score) => {
          filled[row.code] = score;
          change(Object.assign({}, filled));
        })));
    });
    return box;
  },
  show: (question, value) => question.rows.filter((row) => row.code in value)
    .map((row) => row.label + "：" + (value[row.code] ? question.labels[value[row.code] - 1] : question.none)),
  fault(question, value) {
    const missing = question.rows.filter((row) => !(row.code in value));
    return question.required && missing.length ? "还有 " + missing.length + " 行没有选，从“" + missing[0].label + "”开始。" : "";
  },
};

// A text of which is said how it is written.
const plain = KINDS.text;
const text = Object.assign({}, plain, {
  fault(question, value) {
    const typed = value.trim();
    if (!typed) return "";
    if (Array.from(typed).length < question.min) return "至少 " + question.min + " 个字。";
    if (question.pattern && !fits(question.pattern, typed)) return "写得不合要求，请对照题目的说明改一下。";
    return plain.fault(question, value);
  },
});

const day = {
  draw(question, value, change, context) {
    const input = element("input", { class: "input", type: "date", name: question.code, "aria-labelledby": context.label, max: question.not_future ? context.given.today : undefined });
    if (!value && question.required) { value = context.given.today; change(value); }
    input.value = value || "";
    input.addEventListener("input", () => change(input.value || undefined));
    return input;
  },
  show: (question, value) => [value],
  fault: (question, value, context) => (question.not_future && value > context.given.today ? "日期不能晚于今天。" : ""),
};

const clock = {
  draw(question, value, change, context) {
    const input = element("input", { class: "input", type: question.kind === "time" ? "time" : "datetime-local", name: question.code, "aria-labelledby": context.label });
    input.value = value || "";
    // Some browsers write seconds, too.
    input.addEventListener("input", () => change(input.value.slice(0, question.kind === "time" ? 5 : 16) || undefined));
    return input;
  },
  show: (question, value) => [value.replace("T", " ")],
  fault: () => "",
};

const phone = {
  draw(question, value, change, context) {
    const input = element("input", { class: "input", type: "tel", inputmode: "tel", name: question.code, maxlength: 20, autocomplete: "off", "aria-labelledby": context.label });
    input.value = value || "";
    input.addEventListener("input", () => change(input.value.trim() || undefined));
    return input;
  },
  show: (question, value) => [value],
  fault: (question, value) => (/^(\+?86)?(1[3-9]\d{9}|0\d{9,11})$/.test(value.replace(/[\s()（）-]/g, "")) ? "" : "电话号码不对：手机号是 11 位，座机请带区号。"),
};

const consent = {
  draw(question, value, change) {
    const said = Object.assign({}, value);
    const box = element("div", { class: "rows" });
    question.items.forEach((item) => {
      const id = newId();
      const list = [{ value: true, text: "同意", words: "同意" }, { value: false, text: "不同意", words: "不同意" }];
      box.appendChild(element("div", {}, element("p", { id: id }, item.label),
        scores(question.code + "." + item.code, list, said[item.code], id, (agreed) => {
          said[item.code] = agreed;
          change(Object.assign({}, said));
        })));
    });
    return box;
  },
  show: (question, value) => question.items.filter((item) => item.code in value).map((item) => (value[item.code] ? "同意：" : "不同意：") + item.label),
  fault(question, value) {
    const silent = question.items.filter((item) => typeof value[item.code] !== "boolean")[0];
    if (silent) return "请选择是否同意：" + silent.label;
    const refused = question.items.filter((item) => item.must && !value[item.code])[0];
    return refused ? "不同意“" + refused.label + "”，就不能提交这份问卷。您可以不填，不影响您的其他权利。" : "";
  },
};

// A way down a tree: one list a level, each of what is under the one above.
const cascade = {
  draw(question, value, change, context) {
    let path = Array.isArray(value) ? value.slice() : [];
    const box = element("div", {});
    const under = (code) => question.options.filter((option) => (option.under || "") === code);
    function draw() {
      while (box.firstChild) box.removeChild(box.firstChild);
      question.levels.forEach((word, level) => {
        const above = level ? path[level - 1] : "", list = above === undefined ? [] : under(above);
        if (!list.length) return;
        const select = element("select", { class: "input", name: question.code + "." + (level + 1), "aria-label": word }, element("option", { value: "" }, "请选择" + word));
        list.forEach((option) => select.appendChild(element("option", { value: option.code, selected: option.code === path[level] }, option.label)));
        select.addEventListener("change", () => {
          path = path.slice(0, level).concat(select.value || []);
          change(path.length ? path.slice() : undefined);
          draw();
          const next = box.querySelectorAll("select")[level + 1] || box.querySelectorAll("select")[level];
          next.focus();
        });
        box.appendChild(select);
      });
    }
    draw();
    return box;
  },
  show: (question, value) => [value.map((code) => labelOf(question.options, code)).join(" › ")],
  fault: (question, value) => (question.options.some((option) => option.under === value[value.length - 1]) ? "请选到最后一级。" : ""),
};

export const MORE = { number: number, number_grid: numberGrid, cascade: cascade, repeat: repeat, ranking: ranking, rating: rating, matrix: matrix, text: text, date: day, time: clock, datetime: clock, phone: phone, consent: consent, photo: photo, signature: signed };
