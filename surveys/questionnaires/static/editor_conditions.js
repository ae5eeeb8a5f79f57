// A condition as rows of "question, comparison, value"; one too intricate for that is edited as its text.

import { element } from "./kinds.js";
import { scaled, written as plain } from "./numbers.js";

const COUNTED = { at_least: "count_least", at_most: "count_most" };
const NOT = { is: "不是", has: "没有选", answered: "没有填" };
const WORDS = {
  choice: [["is", "是"], ["!is", "不是"], ["answered", "填了"], ["!answered", "没有填"]],
  several: [["has", "选了"], ["!has", "没有选"], ["count_least", "至少选了几项"], ["count_most", "至多选了几项"], ["answered", "填了"], ["!answered", "没有填"]],
  number: [["at_least", "至少"], ["at_most", "至多"], ["is", "等于"], ["!is", "不等于"], ["answered", "填了"], ["!answered", "没有填"]],
  other: [["answered", "填了"], ["!answered", "没有填"]],
};

const yesNo = [[true, "是"], [false, "否"]];

// What conditions may name: [{name, label, sort, values}]; of the questions before, and the facts of the register.
export function names(questions, facts) {
  const found = [];
  questions.forEach((question) => {
    const label = (question.no ? question.no + ". " : "") + question.title;
    const options = (question.options || []).map((option) => [option.code, option.label]);
    if (question.private || question.kind === "phone") return;
    if (question.kind === "single") found.push({ name: question.code, label: label, sort: "choice", values: options });
    else if (["multi", "ranking", "cascade"].indexOf(question.kind) >= 0) found.push({ name: question.code, label: label, sort: "several", values: options });
    else if (question.kind === "number" || question.kind === "rating") found.push({ name: question.code, label: label, sort: "number", decimals: question.decimals });
    else if (question.kind === "number_grid" || question.kind === "matrix") {
      (question.rows || []).forEach((row) => found.push({ name: question.code + "." + row.code, label: label + "：" + row.label, sort: "number" }));
    } else if (question.kind === "consent") {
      (question.items || []).forEach((item) => found.push({ name: question.code + "." + item.code, label: label + "：" + item.label, sort: "choice", values: yesNo }));
    } else if (["note", "place"].indexOf(question.kind) < 0) found.push({ name: question.code, label: label, sort: "other" });
  });
  facts.forEach((fact) => {
    const bool = fact.values && typeof fact.values[0] === "boolean";
    found.push({ name: fact.name, label: "登记信息：" + fact.label, sort: fact.values ? "choice" : "number", values: bool ? yesNo : (fact.values || []).map((one) => [one, String(one)]) });
  });
  return found;
}

// Two amounts have rows of their own, how many are ticked and what several numbers make together; others are text.
function amountOf(word, amount, value) {
  if (typeof amount.count === "string" && COUNTED[word]) return { word: COUNTED[word], name: amount.count, value: value };
  if (!Array.isArray(amount.sum) || !amount.sum.every((part) => typeof part === "string")) return null;
  return { word: word, name: amount.sum[0], plus: amount.sum.slice(1), value: value };
}

function leafOf(part) {
  const negative = Object.keys(part)[0] === "not", inner = negative ? part.not : part, word = inner && Object.keys(inner)[0];
  if (["is", "has", "at_least", "at_most", "answered"].indexOf(word) < 0 || (negative && !NOT[word])) return null;
  const body = inner[word];
  if (word !== "answered" && typeof body[0] !== "string") return amountOf((negative ? "!" : "") + word, body[0], body[1]);
  return word === "answered" ? { word: (negative ? "!" : "") + word, name: body } : { word: (negative ? "!" : "") + word, name: body[0], value: body[1] };
}

function parsed(condition) {
  if (!condition) return { mode: "all", leaves: [] };
  const word = Object.keys(condition)[0], parts = word === "all" || word === "any" ? condition[word] : [condition];
  const leaves = Array.isArray(parts) ? parts.map(leafOf) : [null];
  return leaves.indexOf(null) >= 0 ? null : { mode: word === "any" ? "any" : "all", leaves: leaves };
}

function written(said) {
  const parts = said.leaves.map((leaf) => {
    const counted = Object.keys(COUNTED).filter((one) => COUNTED[one] === leaf.word)[0];
    const word = counted || leaf.word.replace("!", ""), made = {};
    const operand = counted ? { count: leaf.name } : (leaf.plus || []).length ? { sum: [leaf.name].concat(leaf.plus) } : leaf.name;
    made[word] = word === "answered" ? leaf.name : [operand, leaf.value];
    return leaf.word[0] === "!" ? { not: made } : made;
  });
  if (!parts.length) return undefined;
  if (parts.length === 1) return parts[0];
  return said.mode === "any" ? { any: parts } : { all: parts };
}

function select(list, value, label, changed) {
  const box = element("select", { class: "input", "aria-label": label });
  list.forEach((one, index) => box.appendChild(element("option", { value: String(index), selected: one[0] === value }, one[1])));
  box.addEventListener("change", () => changed(list[Number(box.value)][0]));
  return box;
}

export function conditionBox(title, condition, known, changed) {
  const box = element("div", { class: "box" }), said = parsed(condition);
  if (!said) {
    const area = element("textarea", { class: "input", rows: 4, "aria-label": title });
    const error = element("p", { class: "error", hidden: true });
    area.value = JSON.stringify(condition);
    area.addEventListener("input", () => {
      let made;
      try { made = area.value.trim() ? JSON.parse(area.value) : undefined; } catch (problem) { made = null; }
      error.hidden = made !== null;
      error.textContent = "写法不完整，还没有存。";
      if (made !== null) changed(made);
    });
    box.appendChild(element("p", { class: "label" }, title + "（条件较复杂，直接改文字）"));
    box.appendChild(element("small", {}, "几题合起来比，写成 {\"at_least\": [{\"sum\": [\"q03\", \"q04\"]}, 5]}：两题加起来至少 5；相减用 less，相乘用 times，选了几项用 {\"count\": \"q07\"}，没有填按 0 算用 {\"or\": [\"q03\", 0]}。"));
    box.appendChild(area);
    box.appendChild(error);
    return box;
  }
  function draw() {
    while (box.firstChild) box.removeChild(box.firstChild);
    box.appendChild(element("p", { class: "label" }, title));
    if (said.leaves.length > 1) box.appendChild(select([["all", "下面的都成立"], ["any", "下面有一个成立"]], said.mode, "怎样才算", (mode) => { said.mode = mode; changed(written(said)); }));
    said.leaves.forEach((leaf, index) => {
      const source = known.filter((one) => one.name === leaf.name)[0] || { name: leaf.name, label: leaf.name + "（找不到）", sort: "other" };
      const list = known.some((one) => one.name === leaf.name) ? known : known.concat(source);
      const told = () => { changed(written(said)); draw(); };
      const line = element("div", { class: "line" });
      line.appendChild(select(list.map((one) => [one.name, one.label]), leaf.name, "哪一题", (name) => { said.leaves[index] = fresh(list.filter((one) => one.name === name)[0]); told(); }));
      line.appendChild(select(WORDS[source.sort], leaf.word, "怎么比", (word) => { said.leaves[index] = withWord(leaf, source, word); told(); }));
      if (leaf.word.indexOf("answered") < 0) {
        if (source.sort === "number" || leaf.word.indexOf("count_") === 0) {
          const decimals = source.decimals || 0, input = element("input", { class: "input", inputmode: decimals ? "decimal" : "numeric", "aria-label": "多少" });
          input.value = plain(leaf.value, decimals);
          input.addEventListener("change", () => {
            const typed = scaled(input.value, decimals);
            if (typeof typed === "number") { leaf.value = typed; changed(written(said)); } else input.value = plain(leaf.value, decimals);
          });
          line.appendChild(input);
        } else line.appendChild(select(source.values || [], leaf.value, "哪一项", (value) => { leaf.value = value; changed(written(said)); }));
      }
      together(line, leaf, source, known, told);
      const drop = element("button", { class: "btn", type: "button", "aria-label": "去掉这个条件" }, "去掉");
      drop.addEventListener("click", () => { said.leaves.splice(index, 1); told(); });
      line.appendChild(drop);
      box.appendChild(line);
    });
    const add = element("button", { class: "btn", type: "button" }, said.leaves.length ? "再加一个条件" : "加条件");
    add.addEventListener("click", () => { if (known.length) { said.leaves.push(fresh(known[0])); changed(written(said)); draw(); } });
    box.appendChild(add);
  }
  draw();
  return box;
}

// What is added to a number before it is compared: other numbers of the same places, none or several.
function together(line, leaf, source, known, told) {
  if (source.sort !== "number" || leaf.word.indexOf("answered") >= 0 || source.label.indexOf("登记信息") === 0) return;
  const others = known.filter((one) => one.sort === "number" && one.name !== source.name && (one.decimals || 0) === (source.decimals || 0) && one.label.indexOf("登记信息") !== 0);
  const plus = leaf.plus || [];
  plus.concat(others.length > plus.length ? [""] : []).forEach((name, at) => {
    const choices = [["", plus.length || at ? "不再加" : "只看这一题"]].concat(others.map((one) => [one.name, "加上 " + one.label]));
    line.appendChild(select(choices, name, "和哪一题加起来", (chosen) => {
      leaf.plus = plus.slice(0, at).concat(chosen || [], plus.slice(at + 1));
      told();
    }));
  });
}

// The same question compared in another way: what was typed stays where it still means something.
function withWord(leaf, source, word) {
  const numeric = (one) => source.sort === "number" && one.indexOf("answered") < 0, counted = word.indexOf("count_") === 0;
  const made = Object.assign(fresh(source), { word: word });
  if (numeric(word) && numeric(leaf.word)) return Object.assign(made, { value: leaf.value, plus: leaf.plus });
  return counted ? Object.assign(made, { value: leaf.word.indexOf("count_") === 0 ? leaf.value : 2 }) : made;
}

function fresh(source) {
  const word = WORDS[source.sort][0][0];
  return { word: word, name: source.name, value: source.sort === "number" ? Math.pow(10, source.decimals || 0) : (source.values || [[undefined]])[0][0] };
}
