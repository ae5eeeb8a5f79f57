// A sheet that was begun, or finished, with words that were corrected since. The server says what is in its place in
// today's words, and which questions to look at again; everything else stays as it was given.

import { send } from "../kernel/api.js";
import { AGAIN, REVIEW, allRight, asked, show, state } from "./fill.js";
import { element } from "./kinds.js";

// Pictures that still wait on the phone stay here: a mark goes in their place, and they come back to it.
function marked(value, held) {
  if (Array.isArray(value)) return value.map((one) => marked(one, held));
  if (!value || typeof value !== "object") return value;
  if (value.pending) return "pending:" + (held.push(value) - 1);
  const made = {};
  Object.keys(value).forEach((key) => { made[key] = marked(value[key], held); });
  return made;
}

function unmarked(value, held) {
  if (Array.isArray(value)) return value.map((one) => unmarked(one, held));
  if (typeof value === "string" && value.indexOf("pending:") === 0) return held[Number(value.slice(8))] || value;
  if (!value || typeof value !== "object") return value;
  const made = {};
  Object.keys(value).forEach((key) => { made[key] = unmarked(value[key], held); });
  return made;
}

// given: where the sheet is (changed, when the words on this page are old ones); what the page holds is changed.
// True when the questions have to be fetched anew.
export async function carry(given) {
  const held = [], body = { content_hash: state.words, channel: state.channel, answers: marked(state.answers, held) };
  const found = await send("POST", "/api/v1/campaigns/" + given.campaign + "/drafts/" + given.dwelling + "/in-current-words", body);
  const fresh = found.content_hash !== given.content_hash;
  if (fresh) {
    if (given.sections_url) given.sections_url = given.sections_url.replace(given.version, found.version);
    ["version", "content_hash", "sections", "total"].forEach((name) => { given[name] = found[name]; });
  }
  state.answers = unmarked(found.answers, held);
  state.words = found.content_hash;
  state.again = found.again;
  state.gone = found.no_more;
  if (state.again.length) {
    state.back = state.at;
    state.at = AGAIN;
  }
  return fresh;
}

// The screen of what to look at again; what an option asks beside it stands with its question.
export function draw(list, card) {
  const now = asked();
  const codes = state.again.map((one) => (now.filter((question) => question.code === one.code)[0] || {}).owner || one.code);
  list.appendChild(told());
  now.filter((question) => codes.indexOf(question.code) >= 0).forEach((question) => list.appendChild(card(question)));
}

// On from there: handed in, or back to where one was.
export function forward(drawn, pages, submit) {
  const now = asked();
  if (!allRight(now.filter((question) => drawn.indexOf(question.code) >= 0), now)) return undefined;
  if (state.back === REVIEW) return submit();
  const back = state.back;
  delete state.again;
  return show(pages.some((page) => page.no === back) ? back : "");
}

// What stands above the questions to look at again.
function told() {
  const box = element("section", { class: "card", tabindex: "-1", role: "status", "data-corrected": String(state.again.length) },
    element("h2", {}, "问卷刚改正过"),
    element("p", {}, "您填好的都还在。" + (state.again.length ? "只有这 " + state.again.length + " 题请您再看一下，再点下面的按钮。" : "请再看一遍。")));
  (state.gone || []).forEach((one) => box.appendChild(element("p", { class: "sub" }, "“" + one.title + "”不再问了（您填的是：" + one.texts.join("；") + "）。")));
  return box;
}

// In scroll mode what to look at again is said above all questions, and at each of them.
export function above(list, afterDrawing) {
  if (!(state.again || []).length) return;
  list.insertBefore(told(), list.firstChild);
  afterDrawing(list.firstChild);
}

// Under the title of such a question: what was answered before.
export function note(question) {
  const mine = (state.again || []).filter((one) => one.code === question.code)[0];
  if (!mine) return null;
  return element("p", { class: "note wait", "data-again": question.code }, mine.was.length ? "这一题改过。您原来填的是：" + mine.was.join("；") : "这一题是新加的。");
}
