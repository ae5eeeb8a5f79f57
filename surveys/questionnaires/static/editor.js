// The editor of a questionnaire. The draft is one JSON document; every change is saved a moment later as the next number
// of the draft, and the server says what is wrong, beside the question it is about. When somebody else saved meanwhile,
// nothing is overwritten: one takes theirs, or keeps one's own apart.

import { newKey, send } from "../kernel/api.js";
import { alertText, report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { BEGIN, button, field, freeCode, move, questionForm } from "./editor_question.js";
import { forgotten, rename, renameOption } from "./editor_names.js";
import { classOf, sourcesOf, whose, wholeForm } from "./editor_whole.js";
import { element } from "./kinds.js";

const WAIT_MS = 900;
const one = (selector) => document.querySelector(selector);
const given = JSON.parse(one("[data-editor]").getAttribute("data-given"));
const URL_OF = "/api/v1/staff/questionnaires/drafts/" + given.draft;
const parts = one("[data-parts]"), saved = one("[data-saved]"), publish = one("[data-publish]");
const document_ = given.document;
let number = given.number, faults = given.faults, timer = 0, saving = null, stopped = !given.mine;
let open = "", marks = {}, wholeOpen = false;

// ---- saving -------------------------------------------------------------------------------------------------------

function changed() {
  if (stopped) return;
  saved.textContent = "正在存…";
  clearTimeout(timer);
  timer = setTimeout(save, WAIT_MS);
}

async function save() {
  clearTimeout(timer);
  if (stopped) return;
  if (saving) { await saving; return changed(); }
  const text = JSON.stringify(document_);
  saving = send("PUT", URL_OF, { number: number, document: JSON.parse(text) }, { key: newKey() });
  try {
    const answer = await saving;
    number = answer.number;
    faults = answer.faults;
    mark();
  } catch (problem) {
    if (problem.code === "form-draft-changed" || problem.code === "form-draft-published") conflict(problem);
    else { saved.textContent = "没有存上"; report(problem); }
  }
  saving = null;
  if (!stopped && JSON.stringify(document_) !== text) changed();
}

function conflict(problem) {
  stopped = true;
  saved.textContent = "没有存上";
  const take = element("button", { class: "btn", type: "button" }, "载入最新的（这边的改动不要了）");
  take.addEventListener("click", () => location.reload());
  const apart = element("button", { class: "btn main", type: "button" }, "把我的另存成一份");
  apart.addEventListener("click", () => {
    const body = { code: document_.code, title: (document_.title || "问卷") + "（我的改动）", document: document_ };
    busy(apart, "正在另存…", () => send("POST", "/api/v1/staff/questionnaires/drafts", body)).then((made) => { location.href = "/work/questionnaires/drafts/" + made.draft; }, report);
  });
  const box = element("section", { class: "card", role: "alert", tabindex: "-1" }, element("h2", {}, "没有存上"), element("p", {}, problem.detail), element("div", { class: "btns" }, apart, take));
  one("[data-conflict]").appendChild(box);
  box.focus();
}

// What is wrong stands at its question; what belongs to none, on top.
function mark() {
  const count = Object.keys(faults).length;
  saved.textContent = given.mine ? (count ? "已存，有 " + count + " 处不对" : "已存") : "";
  Object.keys(marks).forEach((code) => { marks[code].textContent = ""; marks[code].hidden = true; });
  const loose = [];
  Object.keys(faults).forEach((code) => {
    let at = code;
    while (at && !marks[at]) at = at.indexOf(".") < 0 ? "" : at.slice(0, at.lastIndexOf("."));
    if (!at) loose.push(code + "：" + faults[code].join("；"));
    else {
      marks[at].textContent = [marks[at].textContent].concat(faults[code]).filter(Boolean).join("；");
      marks[at].hidden = false;
    }
  });
  const top = marks[""];
  top.textContent = loose.join("。");
  top.hidden = !loose.length;
}

// ---- drawing ------------------------------------------------------------------------------------------------------

const kindWord = (kind) => (given.kinds.filter((pair) => pair[0] === kind)[0] || [kind, kind])[1];
const allQuestions = () => document_.sections.reduce((found, section) => found.concat(section.questions), []);

// People say "第 12 题" to each other: what is added gets the number after the highest.
const nextNo = () => String(Math.max.apply(null, allQuestions().map((one) => parseInt(one.no, 10) || 0).concat(0)) + 1);

function before(question) {
  const all = allQuestions();
  return all.slice(0, all.indexOf(question));
}

// A list of questions that can be opened, moved, copied and taken away. `within`: the repeat they stand in.
function questionList(list, within, codes) {
  const box = element("div", {});
  function draw() {
    while (box.firstChild) box.removeChild(box.firstChild);
    list.forEach((question, at) => box.appendChild(entry(question, at)));
    if (!given.mine) return;
    const kind = element("select", { class: "input", "aria-label": "新题的题型" });
    given.kinds.filter((pair) => !within || given.inner.indexOf(pair[0]) >= 0).forEach((pair) => kind.appendChild(element("option", { value: pair[0] }, pair[1])));
    const add = button("加一题", () => {
      const made = Object.assign({ code: freeCode(codes(), within ? "i" : "q"), kind: kind.value, title: "新的一题" }, (BEGIN[kind.value] || (() => ({})))());
      if (!within && ["note", "place"].indexOf(made.kind) < 0) made.no = nextNo();
      list.push(made);
      open = idOf(made, within);
      changed();
      draw();
      mark();
    });
    box.appendChild(element("div", { class: "line" }, kind, add));
  }
  function entry(question, at) {
    const id = idOf(question, within), error = element("p", { class: "error", hidden: true });
    marks[id] = error;
    const head = element("button", { class: "head", type: "button", "aria-expanded": open === id ? "true" : "false", "data-question": id },
      element("span", {}, question.no ? element("b", { class: "no" }, question.no) : null, question.title || "（没有文字）", element("small", { class: "sub" }, kindWord(question.kind) + (question.required ? "，必填" : "") + (question.show_if ? "，有条件" : ""))));
    const place = element("div", { class: "entry" }, head, error);
    const redraw = () => { draw(); mark(); };
    head.addEventListener("click", () => {
      open = open === id ? (within ? within.code : "") : id;
      redraw();
      const again = box.querySelector("[data-question='" + id + "']");
      if (again) again.focus();
    });
    const isOpen = open === id || open.indexOf(id + ".") === 0;
    if (isOpen) {
      const context = {
        given: given, within: within, redraw: redraw, changed: changed,
        renamed: (from, to) => {
          rename(document_, within ? within.code + "." + from : from, within ? within.code + "." + to : to);
          if (open === id) open = idOf(question, within);
          redraw();
        },
        renamedOption: (asked, from, to) => renameOption(document_, idOf(asked, within), from, to),
        more: (asked) => (within ? [] : [whose(document_, asked, changed), classOf(document_, asked, changed), sourcesOf(asked, before(asked), changed, redraw)]),
        before: within ? before(within).concat(list.slice(0, at).map((one) => Object.assign({}, one, { code: within.code + "." + one.code }))) : before(question),
        inner: (repeat) => element("div", { class: "box" }, element("p", { class: "label" }, "每份里的题"), questionList(repeat.questions || (repeat.questions = []), repeat, () => repeat.questions.map((q) => q.code))),
      };
      const form = questionForm(question, context);
      if (given.mine) {
        form.appendChild(element("div", { class: "tools" },
          button("上移", () => { move(list, at, -1); changed(); redraw(); }),
          button("下移", () => { move(list, at, 1); changed(); redraw(); }),
          button("复制", () => {
            const copy = JSON.parse(JSON.stringify(question));
            copy.code = freeCode(codes(), question.code + "_");
            list.splice(at + 1, 0, copy);
            changed();
            redraw();
          }),
          button("删掉这一题", () => { list.splice(at, 1); forgotten(document_, id); open = ""; changed(); redraw(); }),
          within ? null : elsewhere(list, at)));
      }
      place.appendChild(form);
    }
    return place;
  }
  draw();
  return box;
}

// Moves a question to the end of another part, or to a place in this one.
function elsewhere(list, at) {
  const others = document_.sections.filter((section) => section.questions !== list);
  if (!others.length) return null;
  const box = element("select", { class: "input", "aria-label": "移到别的部分" }, element("option", { value: "" }, "移到……"));
  others.forEach((section, index) => box.appendChild(element("option", { value: String(index) }, section.title || section.code)));
  box.addEventListener("change", () => {
    if (box.value === "") return;
    others[Number(box.value)].questions.push(list.splice(at, 1)[0]);
    changed();
    draw();
    const again = one("[data-question='" + open + "']");
    if (again) { again.scrollIntoView({ block: "center" }); again.focus({ preventScroll: true }); }
  });
  return box;
}

const idOf = (question, within) => (within ? within.code + "." : "") + question.code;

function draw() {
  while (parts.firstChild) parts.removeChild(parts.firstChild);
  marks = { "": element("p", { class: "error", hidden: true }) };
  const head = element("section", { class: "card form" }, element("h2", {}, "这份问卷"), marks[""],
    field("名称", document_.title, (text) => { document_.title = text; changed(); }));
  head.appendChild(element("div", { class: "line" },
    field("代码", document_.code, (text) => { document_.code = text.trim(); changed(); }),
    field("版次", document_.edition, (text) => { document_.edition = text; changed(); })));
  const intro = [].concat(document_.intro || []);
  head.appendChild(field("填表说明，一行一条", intro.join("\n"), (text) => { document_.intro = text.split("\n").map((line) => line.trim()).filter(Boolean); changed(); }, { lines: 4 }));
  const whole = wholeForm(document_, changed, () => { wholeOpen = true; draw(); }, wholeOpen);
  whole.addEventListener("toggle", () => { wholeOpen = whole.open; });
  head.appendChild(whole);
  parts.appendChild(head);
  document_.sections.forEach((section, at) => {
    const box = element("section", { class: "card", "data-part": String(at) }, field("部分的名称", section.title, (text) => { section.title = text; changed(); }));
    box.appendChild(questionList(section.questions, null, () => allQuestions().map((q) => q.code)));
    if (given.mine) {
      box.appendChild(element("div", { class: "tools" },
        button("这一部分上移", () => { move(document_.sections, at, -1); changed(); draw(); }),
        button("这一部分下移", () => { move(document_.sections, at, 1); changed(); draw(); }),
        button("删掉这一部分", () => { if (!section.questions.length) { document_.sections.splice(at, 1); changed(); draw(); } else alertText("这一部分还有题，请先移走或删掉。"); })));
    }
    parts.appendChild(box);
  });
  if (given.mine) {
    parts.appendChild(element("div", { class: "btns" }, button("加一个部分", () => {
      document_.sections.push({ code: freeCode(document_.sections.map((section) => section.code), "s"), title: "新的部分", questions: [] });
      changed();
      draw();
    })));
  } else parts.querySelectorAll("input, textarea, select").forEach((input) => { input.disabled = true; });
  mark();
}

// ---- leaving ------------------------------------------------------------------------------------------------------

async function allSaved() {
  clearTimeout(timer);
  if (saving) await saving.catch(() => undefined);
  if (!stopped) await save();
}

document.querySelectorAll("[data-preview], [data-languages]").forEach((way) => way.addEventListener("click", (event) => {
  event.preventDefault();
  const link = event.currentTarget.href;
  allSaved().then(() => { if (!stopped || !given.mine) location.href = link; });
}));
publish.addEventListener("click", () => {
  busy(publish, "正在发布…", async () => {
    await allSaved();
    if (stopped) return;
    if (Object.keys(faults).length) {
      const first = Object.keys(faults)[0];
      alertText("还有 " + Object.keys(faults).length + " 处不对，先看 " + first + "：" + faults[first][0]);
      return;
    }
    const made = await send("POST", URL_OF + "/publish", { number: number });
    location.href = "/work/questionnaires/versions/" + made.version;
  }).catch(report);
});
window.addEventListener("beforeunload", (event) => { if (!stopped && saved.textContent === "正在存…") event.preventDefault(); });
if (!Array.isArray(document_.sections)) document_.sections = [];
document_.sections.forEach((section) => { if (!Array.isArray(section.questions)) section.questions = []; });
draw();
document.body.setAttribute("data-ready", "");
