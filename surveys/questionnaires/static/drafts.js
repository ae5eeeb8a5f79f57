// What fill.js keeps on this phone also goes to the server, question by question, so that another phone of the same
// person goes on with it. The phone stays in charge: nothing here is needed to fill in or to submit.
//
// Three states are compared: what both sides had when they last agreed, what is here, what is there. A question changed
// on one side only is taken from that side; changed on both, this phone's is the later one and its owner is told.

import { alertText, forget, recall, remember } from "../kernel/base.js";
import { newKey, send } from "../kernel/api.js";
import { goOn, state } from "./fill.js";
import { element } from "./kinds.js";

const WAIT_MS = 1500;
const given = JSON.parse(document.querySelector("[data-fill]").getAttribute("data-given"));
const store = "q:" + given.campaign + ":" + given.dwelling, mark = "qd:" + given.campaign + ":" + given.dwelling;
const url = "/api/v1/campaigns/" + given.campaign + "/drafts/" + given.dwelling;
const begun = recall(store) !== null;

let agreed = read(mark) || { number: 0, answers: {} };
let timer = 0, busy = false, again = false, over = false, latest = null;

function read(name) {
  try { return JSON.parse(recall(name)); } catch (error) { return null; }
}

// What is filled in here: as the page holds it, since a phone whose storage is full keeps nothing.
const here = () => (latest ? latest.state : read(store));

// Pictures that have not been sent yet stay on this phone.
function sendable(answers) {
  const found = {};
  Object.keys(answers).forEach((code) => {
    const value = sent(answers[code]);
    if (value !== undefined && !(Array.isArray(value) && !value.length && answers[code].length)) found[code] = value;
  });
  return found;
}

function sent(value) {
  if (Array.isArray(value)) return value.map(sent).filter((one) => one !== undefined);
  if (!value || typeof value !== "object") return value;
  if (value.pending || (value.file && value.file.pending)) return undefined;
  return sendable(value);
}

function changes(before, after) {
  const found = {};
  Object.keys(Object.assign({}, before, after)).forEach((code) => {
    if (JSON.stringify(before[code]) !== JSON.stringify(after[code])) found[code] = code in after ? after[code] : null;
  });
  return found;
}

function agree(number, answers, words) {
  agreed = { number: number, answers: answers, words: words };
  remember(mark, JSON.stringify(agreed));
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(push, WAIT_MS);
}

async function push() {
  clearTimeout(timer);
  if (over) return;
  if (busy) { again = true; return; }
  const kept = here();
  if (!kept) return;
  const words = kept.words || given.content_hash;
  // What both sides agreed on in words that were corrected since is compared anew.
  if (agreed.words && agreed.words !== words) agree(0, {}, words);
  const mine = sendable(kept.answers), changed = changes(agreed.answers, mine);
  // What was handed in and has not been touched is no draft.
  if (given.start && !agreed.number && !Object.keys(changes(sendable(given.start), mine)).length) return;
  if (!Object.keys(changed).length) return;
  busy = true;
  try {
    const body = { number: agreed.number, changes: changed, channel: kept.channel || "", at: kept.at || "", content_hash: words };
    const answer = await send("PATCH", url, body, { key: newKey(), retry: false });
    agree(answer.number, mine, words);
    if (latest && !latest.kept) document.querySelector("[data-saved]").textContent = "已存到网上";
  } catch (problem) {
    if (problem.code === "draft-elsewhere") again = await pull();
    // Silence, overload and a lost session pass: the next change tries again. The rest is final for this page.
    else over = problem.status >= 400 && problem.status < 500 && problem.status !== 401 && problem.status !== 429;
  }
  busy = false;
  if (again) { again = false; later(); }
}

// True when this phone may go on saving; false when there is something from elsewhere to take over first.
async function pull() {
  let theirs;
  try { theirs = await send("GET", url); } catch (problem) { return false; }
  if (theirs.number === agreed.number) return true;
  const kept = here() || { answers: {} };
  const there = changes(agreed.answers, theirs.answers), mine = changes(agreed.answers, sendable(kept.answers));
  if (Object.keys(there).some((code) => !(code in mine))) {
    offer(theirs);
    return false;
  }
  const both = Object.keys(there).filter((code) => JSON.stringify(there[code]) !== JSON.stringify(mine[code]));
  agree(theirs.number, theirs.answers, kept.words);
  if (both.length) alertText("有 " + both.length + " 题在另一部手机上填得不一样，以这部手机上的为准。");
  return true;
}

// The page is drawn anew after taking over; that is for its owner to say when.
function offer(theirs) {
  over = true;
  const button = element("button", { class: "btn main", type: "button" }, "接着填");
  const count = Object.keys(theirs.answers).length;
  const box = element("section", { class: "card", role: "status", "data-elsewhere": String(theirs.number) },
    element("h2", {}, "接着上次填"), element("p", {}, "网上存着您上次填的，已填了 " + count + " 处（也许是在另一部手机上）。点“接着填”，和这里填的合到一起。"),
    element("div", { class: "btns" }, button));
  button.addEventListener("click", () => { box.parentNode.removeChild(box); takeOver(theirs); });
  const place = document.querySelector("[data-fill]");
  place.insertBefore(box, place.firstChild);
}

function takeOver(theirs) {
  const kept = here() || { answers: {}, at: "" }, fresh = !Object.keys(kept.answers).length;
  const there = changes(agreed.answers, theirs.answers), mine = changes(agreed.answers, sendable(kept.answers));
  const more = { answers: Object.assign({}, kept.answers) };
  Object.keys(there).forEach((code) => {
    if (code in mine) return;
    if (there[code] === null) delete more.answers[code];
    else more.answers[code] = there[code];
  });
  if (fresh) {
    more.at = theirs.at;
    more.channel = theirs.channel || given.facts.channel;
  }
  agree(theirs.number, theirs.answers, kept.words);
  over = false;
  goOn(more);
}

// Two pages of one phone: whoever comes to the front has what the other one has kept. Nothing kept any more: handed in.
function front() {
  if (document.hidden || (latest && !latest.kept)) return;
  const kept = recall(store);
  if (kept === null) { if (begun || latest) location.reload(); }
  else if (kept !== JSON.stringify(state)) goOn(JSON.parse(kept));
}

window.addEventListener("pageshow", front);
window.addEventListener("answers-kept", (event) => { latest = event.detail; later(); });
window.addEventListener("online", push);
document.addEventListener("visibilitychange", () => (document.hidden ? push() : front()));
// Submitted: fill.js has crossed out its own.
window.addEventListener("pagehide", () => { if (!recall(store)) forget(mark); });
pull().then((clear) => { if (clear) push(); });
