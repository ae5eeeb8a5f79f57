// A repeat: the same few questions for each person, car or place, in rows that can be added and taken away.

import { asked, empty, flattened, lookUp, needed, offered } from "./branching.js";
import { ASKS_NOTHING, KINDS, element, newId } from "./kinds.js";

const wordOf = (question) => question.row_label || "份";
const inner = (question) => flattened(question.questions, question.code);
const keyOf = (question, code) => code.slice(question.code.length + 1);

// What is asked in a row, with the row's answers under full codes.
function askedIn(question, row, outer) {
  const answers = {};
  Object.keys(row).forEach((key) => { answers[question.code + "." + key] = row[key]; });
  return Object.assign(asked(inner(question), answers, outer.facts, outer.kept), { answers: answers });
}

function wantedRows(question, outer) {
  const number = question.rows_from ? lookUp(question.rows_from, outer.kept, outer.facts) : undefined;
  return typeof number === "number" ? Math.min(number, question.max) : undefined;
}

function faultIn(question, row, number, context) {
  const now = askedIn(question, row, context.now());
  let found = "";
  now.list.forEach((one) => {
    if (found || ASKS_NOTHING.indexOf(one.kind) >= 0) return;
    const value = now.answers[one.code];
    const here = Object.assign(Object.create(context), { now: () => now });
    const may = offered(one, now.kept, now.facts);
    let fault = "";
    if (empty(value)) fault = needed(one, now.kept, now.facts) ? one.missing || "这一题要填。" : "";
    else if ((one.options || []).some((option) => option.show_if && may.indexOf(option.code) < 0 && [].concat(value).indexOf(option.code) >= 0)) fault = "选的一项现在不能选，请改选。";
    else fault = KINDS[one.kind].fault(one, value, here) && (one.wrong || KINDS[one.kind].fault(one, value, here));
    if (fault) found = "第 " + number + " " + wordOf(question) + "的“" + one.title + "”：" + fault;
  });
  if (!found && !now.list.some((one) => !empty(now.answers[one.code]))) found = "第 " + number + " " + wordOf(question) + "还是空的，请填写，或者删掉。";
  return found;
}

function drawRow(question, rows, at, context, changed) {
  const prefix = question.code + "." + at + ".", mine = inner(question), places = {};
  const nameOf = (code) => prefix + keyOf(question, code);
  const row = rows[at];
  const box = element("div", { class: "row", "data-row": String(at), role: "group", "aria-label": "第 " + (at + 1) + " " + wordOf(question) });
  // Inputs are named by row, so that two rows' circles do not share one choice; answers keep their keys.
  const copyOf = (one) => Object.assign({}, one, { code: nameOf(one.code), owner: one.owner && nameOf(one.owner) });
  function field(one) {
    const label = newId();
    const here = Object.assign(Object.create(context), {
      label: label,
      children: (asking) => mine.filter((child) => child.owner && nameOf(child.owner) === asking.code),
      field: field,
      now: () => askedIn(question, row, context.now()),
      // A row may be added long after the sheet was drawn: what waits for it to be on the page waits for that.
      later: (work) => setTimeout(work, 0),
    });
    const body = KINDS[one.kind].draw(copyOf(one), row[keyOf(question, one.code)], (value) => {
      if (value === undefined) delete row[keyOf(question, one.code)];
      else row[keyOf(question, one.code)] = value;
      changed();
    }, here);
    const place = element("div", { class: one.owner ? "extra" : "part" }, element("p", { class: "label", id: label }, one.title,
      one.required ? element("span", { class: "must" }, "必填") : null), one.hint ? element("p", { class: "sub" }, one.hint) : null, body);
    places[one.code] = { box: place, question: one };
    return place;
  }
  mine.forEach((one) => { if (!one.owner) box.appendChild(field(one)); });
  box.refresh = (outer) => {
    const now = askedIn(question, row, outer), seen = now.list.map((one) => one.code);
    Object.keys(places).forEach((code) => {
      const place = places[code], may = offered(place.question, now.kept, now.facts);
      place.box.hidden = seen.indexOf(code) < 0;
      if ((place.question.options || []).some((one) => one.show_if)) {
        place.box.querySelectorAll(".choice input").forEach((input) => { input.parentNode.hidden = may.indexOf(input.value) < 0 && !input.checked; });
      }
    });
  };
  return box;
}

export const repeat = {
  draw(question, value, change, context) {
    const rows = Array.isArray(value) ? value.map((row) => Object.assign({}, row)) : [];
    const box = element("div", {}), list = element("div", { class: "rows" }), word = wordOf(question);
    const add = element("button", { class: "btn", type: "button", "data-add": question.code }, "加一" + word);
    let drawn = [];
    const told = () => change(rows.length ? rows.map((row) => Object.assign({}, row)) : undefined);
    function draw() {
      while (list.firstChild) list.removeChild(list.firstChild);
      drawn = rows.map((row, at) => {
        const drop = element("button", { class: "btn link", type: "button" }, "删掉第 " + (at + 1) + " " + word);
        drop.addEventListener("click", () => { rows.splice(at, 1); draw(); told(); add.focus(); });
        const made = drawRow(question, rows, at, context, told);
        const head = element("p", { class: "group sub" }, "第 " + (at + 1) + " " + word);
        list.appendChild(element("div", {}, head, made, element("div", { class: "btns", "data-drop": "" }, drop)));
        return made;
      });
    }
    box.refresh = (now) => {
      const wanted = wantedRows(question, now), before = rows.length;
      while (wanted !== undefined && rows.length < wanted) rows.push({});
      while (wanted !== undefined && rows.length > wanted && !Object.keys(rows[rows.length - 1]).length) rows.pop();
      if (rows.length !== before) draw();
      drawn.forEach((row) => row.refresh(now));
      add.hidden = wanted !== undefined || rows.length >= question.max;
      list.querySelectorAll("[data-drop]").forEach((place) => { place.hidden = wanted !== undefined && rows.length <= wanted; });
    };
    add.addEventListener("click", () => {
      rows.push({});
      draw();
      box.refresh(context.now());
      const first = drawn[drawn.length - 1].querySelector("input, textarea, select");
      if (first) first.focus();
    });
    if (!rows.length && question.min) while (rows.length < question.min) rows.push({});
    draw();
    box.appendChild(list);
    box.appendChild(element("div", { class: "btns" }, add));
    return box;
  },
  show: (question, value) => value.map((row, at) => "第 " + (at + 1) + " " + wordOf(question) + "：" + inner(question)
    .filter((one) => !empty(row[keyOf(question, one.code)]))
    .map((one) => one.title + " " + KINDS[one.kind].show(one, row[keyOf(question, one.code)]).join("、")).join("；")),
  fault(question, value, context) {
    const wanted = wantedRows(question, context.now()), word = wordOf(question);
    if (value.length > question.max) return "最多填 " + question.max + " " + word + "，现在是 " + value.length + "。";
    if (value.length < (question.min || 0)) return "至少填 " + question.min + " " + word + "，现在是 " + value.length + "。";
    if (wanted !== undefined && value.length !== wanted) return "前面填的是 " + wanted + "，这里填了 " + value.length + " " + word + "，请核对。";
    let found = "";
    value.forEach((row, at) => { found = found || faultIn(question, row, at + 1, context); });
    return found;
  },
  // Of each row only what is asked in it.
  sent: (question, value, context) => value.map((row) => {
    const now = askedIn(question, row, context.now()), kept = {};
    now.list.forEach((one) => { if (!empty(now.answers[one.code])) kept[keyOf(question, one.code)] = now.answers[one.code]; });
    return kept;
  }),
};
