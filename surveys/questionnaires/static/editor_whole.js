// What is said of a sheet as a whole: whose question is whose, which answer agrees to the works, which says that the sheet
// is a tenant's, the classes of works.

import { button, field, freeCode, tick } from "./editor_question.js";
import { element } from "./kinds.js";

const SUBJECTS = [["", "谁填都算（需求）"], ["consent", "业主的：同意不同意"], ["money", "业主的：出不出钱"]];

function select(label, list, value, changed) {
  const box = element("select", { class: "input", "aria-label": label });
  list.forEach((one) => box.appendChild(element("option", { value: one[0], selected: one[0] === value }, one[1])));
  box.addEventListener("change", () => changed(box.value));
  return element("div", { class: "field" }, element("p", { class: "label" }, label), box);
}

// Whether a question is the owner's, and in what.
export function whose(document_, question, changed) {
  const all = document_.subjects || {};
  const now = Object.keys(all).filter((subject) => all[subject].indexOf(question.code) >= 0)[0] || "";
  return select("这一题听谁的", SUBJECTS, now, (subject) => {
    const made = Object.assign({}, document_.subjects);
    Object.keys(made).forEach((name) => { made[name] = made[name].filter((code) => code !== question.code); });
    if (subject) made[subject] = (made[subject] || []).concat(question.code);
    Object.keys(made).forEach((name) => { if (!made[name].length) delete made[name]; });
    if (Object.keys(made).length) document_.subjects = made;
    else delete document_.subjects;
    changed();
  });
}

// The class of works a question's options are from.
export function classOf(document_, question, changed) {
  if (!(document_.classes || []).length || ["single", "multi"].indexOf(question.kind) < 0) return null;
  const list = [["", "不是工程清单"]].concat(document_.classes.map((one) => [one.code, one.title]));
  return select("选项属于哪一类工程", list, question.catalogue || "", (code) => {
    if (code) question.catalogue = code;
    else delete question.catalogue;
    changed();
  });
}

// Which earlier questions an order takes its options from.
export function sourcesOf(question, before, changed, redraw) {
  if (question.kind !== "ranking") return null;
  const box = element("div", { class: "box" }, element("p", { class: "label" }, "选项来自前面的哪几题（不选就在下面写选项）"));
  before.filter((one) => ["single", "multi"].indexOf(one.kind) >= 0).forEach((one) => {
    const chosen = question.options_from || [];
    box.appendChild(tick((one.no ? one.no + ". " : "") + one.title, chosen.indexOf(one.code) >= 0, (on) => {
      const left = chosen.filter((code) => code !== one.code).concat(on ? one.code : []);
      if (left.length) { question.options_from = left; delete question.options; }
      else { delete question.options_from; question.options = [{ code: "a", label: "第一项" }, { code: "b", label: "第二项" }]; }
      changed();
      redraw();
    }));
  });
  return box;
}

// A question with single answers and which of its options it is about; `many`: several may be.
function answerBox(title, hint, document_, said, many, changed) {
  const box = element("div", { class: "box" }), singles = [];
  document_.sections.forEach((section) => section.questions.forEach((question) => { if (question.kind === "single") singles.push(question); }));
  function draw() {
    while (box.firstChild) box.removeChild(box.firstChild);
    const now = said() || {}, question = singles.filter((one) => one.code === now.question)[0];
    box.appendChild(element("p", { class: "label" }, title));
    box.appendChild(element("small", { class: "sub" }, hint));
    const list = [["", "没有这样的题"]].concat(singles.map((one) => [one.code, (one.no ? one.no + ". " : "") + one.title]));
    if (now.question && !question) list.push([now.question, now.question + "（找不到）"]);
    box.appendChild(select("哪一题", list, now.question || "", (code) => {
      const chosen = singles.filter((one) => one.code === code)[0];
      const first = chosen && chosen.options[0] ? chosen.options[0].code : "";
      said(code ? { question: code, chosen: many ? [first] : first } : null);
      changed();
      draw();
    }));
    if (!question) return;
    question.options.forEach((option) => {
      if (!many) return;
      box.appendChild(tick(option.label, now.chosen.indexOf(option.code) >= 0, (on) => {
        const left = (said().chosen || []).filter((code) => code !== option.code).concat(on ? option.code : []);
        said({ question: now.question, chosen: left });
        changed();
      }));
    });
    if (!many) box.appendChild(select("哪一项", question.options.map((one) => [one.code, one.label]), now.chosen, (code) => { said({ question: now.question, chosen: code }); changed(); }));
  }
  draw();
  return box;
}

// A getter and setter of document_.rates[name] (or document_.speaks_as) in one shape: {question, chosen}.
function holder(get, set, key) {
  return function said(value) {
    if (value === undefined) {
      const now = get();
      return now ? { question: now.question, chosen: now[key] } : null;
    }
    const made = value && { question: value.question };
    if (made) made[key] = value.chosen;
    set(made);
    return value;
  };
}

function rate(document_, name, key) {
  return holder(() => (document_.rates || {})[name], (made) => {
    const rates = Object.assign({}, document_.rates);
    if (made) rates[name] = made;
    else delete rates[name];
    if (Object.keys(rates).length) document_.rates = rates;
    else delete document_.rates;
  }, key);
}

function classes(document_, changed, redraw) {
  const box = element("div", { class: "box" }, element("p", { class: "label" }, "工程类别"));
  const list = document_.classes || [];
  list.forEach((one, at) => box.appendChild(element("div", { class: "line" },
    field("类别", one.title, (text) => { one.title = text; changed(); }),
    field("代码", one.code, (text) => { one.code = text.trim(); changed(); }),
    field("说明", one.note, (text) => { if (text) one.note = text; else delete one.note; changed(); }),
    button("删", () => { list.splice(at, 1); if (!list.length) delete document_.classes; changed(); redraw(); }, "类别" + (at + 1) + " 删掉"))));
  box.appendChild(button("加一类", () => {
    document_.classes = list.concat({ code: freeCode(list.map((one) => one.code), "c"), title: "新的一类" });
    changed();
    redraw();
  }));
  return box;
}

// Folded away: most questionnaires begin from one that has all this.
export function wholeForm(document_, changed, redraw, open) {
  return element("details", { open: open, "data-whole": "" }, element("summary", {}, "同意率、承租人、工程类别"),
    answerBox("哪一项算同意改造", "算同意率用。", document_, rate(document_, "agree", "option"), false, changed),
    answerBox("哪几项说明是租住的户", "这些户不算进同意率。", document_, rate(document_, "renting", "options"), true, changed),
    answerBox("哪几项说明是承租人填的", "承租人填的只算需求，不算同意和出钱。", document_, holder(() => document_.speaks_as, (made) => { if (made) document_.speaks_as = made; else delete document_.speaks_as; }, "tenant"), true, changed),
    classes(document_, changed, redraw));
}
