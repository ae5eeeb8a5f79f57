// Filling in a questionnaire. Answers are kept on this phone, by campaign and dwelling, with every touch; what a
// household is asked follows from its answers (branching.js). Step mode: a question a screen, no jump by itself,
// 上一题 always there, a list to look over before 提交. Scroll mode: all on one page. The server checks all again.
// The visit pack (visits.js) opens one household's sheet after another on one page, and keeps what 提交 would send.

import { alertText, recall, remember, say, tintChoices } from "../kernel/base.js";
import { asked as askedOf, empty, flattened, needed, offered } from "./branching.js";
import { ASKS_NOTHING, KINDS, element, newId } from "./kinds.js";

const one = (selector) => document.querySelector(selector);
export const stepping = document.body.classList.contains("step");
const list = one("[data-questions]"), intro = one("[data-intro]"), channels = one("[data-channels]");
const next = one("[data-next]"), previous = one("[data-previous]"), saved = one("[data-saved]");
export const REVIEW = "review", AGAIN = "again";

const sections = [], asking = [];
let flat = [], drawn = {}, later = [], ended = false, corrected = null;
export let given, store, state, deliver = null;

function take(household) {
  given = household;
  store = "q:" + given.campaign + ":" + given.dwelling;
  // A correction begins from what was handed in, unless one has begun it on this phone already.
  state = { answers: Object.assign({}, given.start), channel: given.facts.channel, at: "", words: given.content_hash };
  if (!given.preview) try { state = Object.assign(state, JSON.parse(recall(store))); } catch (error) { state.at = ""; }
  if (given.facts.channel === "worker_visit" || state.channel === "worker_visit") state.channel = given.facts.channel;
  if (Object.keys(state.answers).length) { saved.hidden = false; saved.textContent = "已保存"; }
}

// A preview (for whoever writes the questionnaire) keeps nothing anywhere.
const keep = () => given.preview || remember(store, JSON.stringify(state));

function save() {
  const kept = keep();
  saved.hidden = false;
  saved.textContent = kept ? "已保存" : "手机存不下了，请尽快提交";
  window.dispatchEvent(new CustomEvent("answers-kept", { detail: { state: state, kept: kept } }));
}

// What is held here in words that were corrected since goes on in today's (corrected.js).
export async function carried(refused) {
  const old = refused || (given.content_hash && state.words !== given.content_hash);
  if (given.preview || !(old || state.again)) return;
  corrected = await import("./corrected.js");
  if (!old) return;
  const fresh = await corrected.carry(given);
  keep();
  if (!fresh) return;
  drop();
  await rest();
}

// Forgets the questions: those of another version are fetched.
function drop() {
  sections.length = asking.length = 0;
  flat = [];
  loading = null;
  clear();
}

export const context = {
  get given() { return given; },
  get answers() { return state.answers; },
  channel: () => state.channel,
  children: (question) => flat.filter((q) => q.owner === question.code),
  field: (child) => field(child),
  say: (text) => { alertText(text); say(text); },
  later: (work) => later.push(work),
  save: save,
  now: () => asked(),
};

// ---- questions ----------------------------------------------------------------------------------------------------

// A part on its way; one that did not come is asked for again.
function coming(index) {
  if (!asking[index]) {
    const url = (given.sections_url || "/api/v1/questionnaire-versions/" + given.version + "/sections/") + index;
    asking[index] = fetch(url, { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error("section");
      return answer.json();
    });
    asking[index].catch(() => { delete asking[index]; });
  }
  return asking[index];
}

async function load(index) {
  if (sections[index] || index >= given.sections) return;
  const section = await coming(index);
  if (sections[index]) return;
  sections[index] = section;
  flat = flat.concat(flattened(section.questions));
  if (!(stepping && state.at === "") && flat.some(lacks)) await more();
}

// Whether it takes the kinds that come behind the first screen, which asks nothing yet.
const lacks = (question) => !KINDS.repeat && (!KINDS[question.kind] || question.pattern || question.min);
const unready = (page) => flat.some((question) => lacks(question) && page.questions.some((one) => one.code === (question.owner || question.code)));

// All parts at once, and what sends them: one by one each would wait for the one before.
async function loadAll(each) {
  const senders = sending();
  for (let i = 0; i < given.sections; i += 1) coming(i);
  for (let i = 0; i < given.sections; i += 1) {
    await load(i);
    if (each) each(i);
  }
  await senders;
}

const whole = () => sections.filter(Boolean).length === given.sections;

async function more() {
  const module = await import("./kinds_more.js");
  Object.assign(KINDS, module.MORE);
}

// What this household is asked now, in order; answers to the rest are neither shown nor sent.
export function asked() {
  const facts = Object.assign({}, given.facts, { channel: state.channel });
  const now = askedOf(flat, state.answers, facts);
  return Object.assign(now.list, { kept: now.kept, facts: facts });
}

// Questions that share a printed number share a screen; one without stands alone.
export const pageOf = (question) => question.no || question.code;

function screens(now) {
  const found = [];
  now.forEach((question) => {
    if (question.owner) return;
    const last = found[found.length - 1];
    if (last && last.no === pageOf(question)) last.questions.push(question);
    else found.push({ no: pageOf(question), questions: [question] });
  });
  return found;
}

export function faultOf(question, now) {
  const value = state.answers[question.code];
  if (ASKS_NOTHING.indexOf(question.kind) >= 0) return "";
  // What a paper leaves empty stays so.
  if (empty(value)) return !given.paper && needed(question, now.kept, now.facts) ? question.missing || "这一题要填。" : "";
  const may = offered(question, now.kept, now.facts);
  const not = (question.options || []).filter((one) => one.show_if && may.indexOf(one.code) < 0 && [].concat(value).indexOf(one.code) >= 0)[0];
  if (not) return "“" + not.label + "”现在不能选，请改选。";
  const fault = KINDS[question.kind].fault(question, value, context);
  return fault && (question.wrong || fault);
}

// ---- drawing ------------------------------------------------------------------------------------------------------

function change(question, value) {
  if (value === undefined) delete state.answers[question.code];
  else state.answers[question.code] = value;
  save();
  alertText("");
  mistake(question.code, "");
  const again = drawn[question.code] && drawn[question.code].again;
  if (again) again.hidden = empty(value);
  refresh();
}

function inside(question, label) {
  const here = Object.assign(Object.create(context), { label: label });
  return KINDS[question.kind].draw(question, state.answers[question.code], (value) => change(question, value), here);
}

function card(question) {
  const label = newId();
  const now = asked();
  const title = element("legend", { id: label }, question.no ? element("span", { class: "no" }, question.no) : null, question.title,
    needed(question, now.kept, now.facts) ? element("span", { class: "must" }, "必填") : null);
  const body = inside(question, label), note = corrected && corrected.note(question);
  const error = element("p", { class: "error", id: label + "e", hidden: true });
  const box = element("fieldset", { class: "card q", "aria-describedby": label + "e", tabindex: "-1" }, title,
    question.hint ? element("p", { class: "sub hint" }, question.hint) : null, note, error, body);
  let again = null;
  if (!question.required && ["single", "rating"].indexOf(question.kind) >= 0) {
    again = element("button", { class: "btn link", type: "button" }, "不选了");
    again.hidden = empty(state.answers[question.code]);
    again.addEventListener("click", () => {
      box.querySelectorAll("input").forEach((input) => { input.checked = false; });
      box.querySelectorAll(".on").forEach((row) => row.classList.remove("on"));
      change(question, undefined);
    });
    box.appendChild(again);
  }
  drawn[question.code] = { box: box, error: error, again: again, question: question, body: body };
  return box;
}

function field(child) {
  const label = newId();
  const error = element("p", { class: "error", hidden: true });
  const box = element("div", { class: "extra" }, element("p", { class: "label", id: label }, child.title), inside(child, label), error);
  drawn[child.code] = { box: box, error: error };
  return box;
}

export function mistake(code, text) {
  const place = drawn[code];
  if (!place) return false;
  place.error.textContent = text;
  place.error.hidden = !text;
  return true;
}

// Options that cannot be chosen now are not shown; one that was chosen before stays in sight until it is taken back.
function limit(place, now) {
  const question = place.question || {};
  if ((question.options || []).some((one) => one.show_if)) {
    const may = offered(question, now.kept, now.facts);
    place.box.querySelectorAll(".choice input").forEach((input) => { input.parentNode.hidden = may.indexOf(input.value) < 0 && !input.checked; });
  }
  if (place.body && place.body.refresh) place.body.refresh(now);
}

// Shows and hides what the answers decide, and says how far one is.
function refresh() {
  const now = asked(), visible = {};
  now.forEach((question) => { visible[question.code] = true; });
  Object.keys(drawn).forEach((code) => {
    drawn[code].box.hidden = !visible[code];
    limit(drawn[code], now);
  });
  const pages = screens(now), total = whole() ? pages.length : given.total;
  const done = pages.filter((page) => page.questions.some((q) => !empty(state.answers[q.code]) || ASKS_NOTHING.indexOf(q.kind) >= 0)).length;
  const at = pages.map((page) => page.no).indexOf(state.at);
  const words = !stepping ? "已填 " + done + " / " + total + " 题" : at >= 0 ? "第 " + (pages[at].questions[0].no || at + 1) + " / " + given.total + " 题" : state.at === REVIEW || state.at === AGAIN ? "请核对" : "居民问卷";
  one("[data-count]").textContent = words;
  const bar = one("[data-progress]");
  bar.max = total;
  bar.value = stepping ? (state.at === REVIEW || state.at === AGAIN ? total : Math.max(at, 0)) : done;
  return pages;
}

function clear() {
  while (list.firstChild) list.removeChild(list.firstChild);
  drawn = {};
}

function afterDrawing(focus) {
  tintChoices(list);
  refresh();
  later.splice(0).forEach((work) => work());
  if (focus) {
    window.scrollTo(0, 0);
    focus.focus({ preventScroll: true });
  }
}

// ---- step mode ----------------------------------------------------------------------------------------------------

export function show(at, quietly) {
  state.at = at;
  if (at === REVIEW) state.seen = screens(asked()).map((page) => page.no);
  keep();
  alertText("");
  clear();
  intro.hidden = at !== "";
  if (channels) channels.hidden = at !== "";
  previous.hidden = at === "";
  const last = at === REVIEW || (at === AGAIN && state.back === REVIEW);
  next.textContent = at === "" ? (given.start ? "去修改" : Object.keys(state.answers).length ? "接着填" : "开始填写") : last ? "提交问卷" : at === AGAIN ? "接着填" : state.seen ? "改好了" : "下一题";
  if (at === AGAIN) corrected.draw(list, card);
  else if (at === REVIEW) list.appendChild(parts[1].review(asked(), state.answers, context, faultOf, pageOf, show));
  else screens(asked()).filter((page) => page.no === at).forEach((page) => page.questions.forEach((q) => list.appendChild(card(q))));
  afterDrawing(quietly ? null : list.firstChild || intro);
}

// The first thing to change among these questions is shown; true when there is none.
export function allRight(questions, now) {
  let first = null;
  questions.forEach((question) => {
    const fault = faultOf(question, now);
    mistake(question.code, fault);
    if (fault && !first) first = { code: question.code, text: fault };
  });
  if (first) point(first.code, first.text);
  return !first;
}

export function point(code, text) {
  const place = drawn[code];
  if (!place) return;
  place.box.scrollIntoView({ block: "center" });
  (place.box.querySelector("input:not([type=file]), textarea") || place.box).focus({ preventScroll: true });
  say(text);
}

async function forward() {
  if (state.at === REVIEW) return submit();
  const now = asked(), pages = screens(now);
  if (state.at === AGAIN) return corrected.forward(Object.keys(drawn), pages, submit);
  const here = pages.map((page) => page.no).indexOf(state.at);
  if (here >= 0) {
    const codes = pages[here].questions.map((q) => q.code);
    if (!allRight(now.filter((q) => codes.indexOf(q.code) >= 0 || codes.indexOf(q.owner) >= 0), now)) return undefined;
  }
  // Who has looked everything over, or changes what was handed in, goes on to what is new, and back to looking it over.
  const seen = state.seen || (empty(given.start) ? [] : pages.map((page) => page.no));
  const following = pages.slice(here + 1).filter((page) => seen.indexOf(page.no) < 0)[0];
  if (following ? unready(following) : !(parts && whole())) {
    try { await rest(); } catch (error) {
      return context.say("下一部分还没有收到。请看看网络，再点一次；填好的都在。");
    }
    return forward();
  }
  return show(following ? following.no : REVIEW);
}

function backward() {
  const pages = screens(asked()).map((page) => page.no);
  const here = state.at === REVIEW || state.at === AGAIN ? pages.length : pages.indexOf(state.at);
  show(here > 0 ? pages[here - 1] : "");
}

// ---- submitting (handing_in.js) --------------------------------------------------------------------------------------

// Fetched while there is a network: without one, a tap on 提交 must still be able to say so.
let tools = null, parts = null;
function sending() {
  if (!tools) {
    tools = Promise.all([import("./handing_in.js"), import("./review.js")]);
    tools.then((found) => { parts = found; }, () => { tools = null; });
  }
  return tools;
}

const submit = () => (parts ? parts[0].submit() : context.say("网络不通，还没有提交。填好的都在，联网后再点一次。"));

// Time is over: said kindly, and what was typed stays on the phone.
export function end(words) {
  ended = true;
  clear();
  intro.hidden = one(".foot").hidden = true;
  if (channels) channels.hidden = true;
  list.appendChild(words);
  afterDrawing(words);
}

// Draws the sheet anew from what is held.
export function drawAnew() {
  if (stepping) show(state.at);
  else drawAll();
}

// ---- beginning ----------------------------------------------------------------------------------------------------

let loading = null;
function rest() {
  if (!loading) {
    loading = (async () => {
      await loadAll((i) => { if (!stepping && !ended) drawSection(i); });
      if (flat.some(lacks)) await more();
      // Answers to questions that a correction has taken out of the sheet.
      Object.keys(state.answers).forEach((code) => { if (!flat.some((question) => question.code === code)) delete state.answers[code]; });
      if (!ended) refresh();
    })();
    loading.catch(() => { loading = null; });
  }
  return loading;
}

function drawAll() {
  clear();
  sections.forEach((section, index) => drawSection(index));
  if (corrected) corrected.above(list, afterDrawing);
}

function drawSection(index) {
  if (list.querySelector("[data-section='" + index + "']")) return;
  const box = element("div", { "data-section": String(index) }, sections[index].title ? element("h2", { class: "chapter" }, sections[index].title) : null);
  sections[index].questions.forEach((question) => box.appendChild(card(question)));
  list.appendChild(box);
  afterDrawing(null);
}

const sheet = one("[data-fill]").getAttribute("data-given");
if (sheet) take(JSON.parse(sheet));
function chosen() {
  if (!channels) return;
  channels.querySelectorAll("input").forEach((input) => { input.checked = input.value === state.channel; });
  tintChoices(channels);
}
if (channels) channels.addEventListener("change", (event) => { state.channel = event.target.value; save(); refresh(); });
chosen();
// The second tap of a trembling hand is not for the question that just came.
next.addEventListener("click", (event) => event.detail < 2 && (stepping ? forward() : rest().then(submit, () => context.say("后面的题还没有收到，请看看网络。"))));
previous.addEventListener("click", backward);
window.addEventListener("online", () => { rest().catch(() => undefined); });

async function begin() {
  await carried();
  await load(0);
  if (stepping && state.at !== "") await rest();
  if (stepping) {
    const known = screens(asked()).some((page) => page.no === state.at);
    show(known || state.at === REVIEW || (state.at === AGAIN && state.again) ? state.at : "", true);
  } else {
    drawSection(0);
    if (corrected) corrected.above(list, afterDrawing);
  }
  document.body.setAttribute("data-ready", "");
  setTimeout(() => { rest().then(() => { document.body.setAttribute("data-whole", ""); return given.preview ? null : import("./drafts.js"); }).catch(() => undefined); }, stepping ? 300 : 0);
}

// Fetches what a sheet needs; after this no network is needed.
export async function ready(household) {
  // The household before may have gone on in words that were corrected since.
  if (given && given.version !== household.version) drop();
  given = household;
  await loadAll();
  await more();
}

// Opens a household's sheet on this page. `send` is given the body of a submission and the questions it answers.
export async function open(household, send) {
  await ready(household);
  deliver = send;
  saved.hidden = true;
  take(household);
  await carried();
  drawAll();
}

// Goes on with what another phone of the same person has sent: drafts.js has put the two together.
export function goOn(more) {
  Object.assign(state, more);
  save();
  chosen();
  if (!screens(asked()).some((page) => page.no === state.at)) state.at = "";
  drawAnew();
}

if (sheet) begin().catch(() => context.say("问卷没有收全。请看看网络，再打开这一页；填好的都在。"));
