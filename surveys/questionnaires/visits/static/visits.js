// A building to take along. The page stays open: it opens a door's sheet, keeps what was filled in (queue.js), and sends
// it when there is a network again, when the page comes to the front, every half minute, and at a tap on 马上上传.
// No service worker is needed: WeChat on the iPhone has none.

import { newKey, send } from "../kernel/api.js";
import { alertText, recall, remember, report, say } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { sendWaiting } from "../questionnaires/files.js";
import { open, ready } from "../questionnaires/fill.js";
import { drop, entries, put } from "./queue.js";

const EVERY_MS = 30000;
const SENT_KEPT_MS = 30 * 86400000;
const one = (selector) => document.querySelector(selector);
const pack = JSON.parse(one("[data-pack]").getAttribute("data-pack"));
const title = one("[data-count]").textContent;
const households = {};
pack.doors.forEach((door) => {
  households[door.dwelling] = {
    campaign: pack.campaign, version: pack.version, content_hash: pack.content_hash, sections: pack.sections, total: pack.total, today: pack.today,
    dwelling: door.dwelling, place: pack.place + " " + door.label, label: door.label, facts: door.facts,
  };
});

// ---- what is on the screen ------------------------------------------------------------------------------------------

// Where fill.js keeps a sheet that was begun and not finished.
const begun = (dwelling) => "q:" + pack.campaign + ":" + dwelling;
const WORDS = { begun: ["填了一半", "wait"], waiting: ["待传", "wait"], refused: ["被退回", "bad"], sent: ["已传", "ok"] };

function mark(dwelling, state) {
  const door = one("[data-door='" + dwelling + "'] .tag");
  if (!door) return;
  door.textContent = WORDS[state][0];
  door.className = "tag " + WORDS[state][1];
}

async function show() {
  const kept = await entries(pack.worker, pack.campaign);
  ["sent", "waiting", "refused"].forEach((state) => {
    one("[data-" + state + "]").textContent = String(kept.filter((entry) => entry.state === state).length);
  });
  pack.doors.forEach((door) => { if (recall(begun(door.dwelling))) mark(door.dwelling, "begun"); });
  kept.forEach((entry) => mark(entry.dwelling, entry.state));
  const refused = kept.filter((entry) => entry.state === "refused"), list = one("[data-refusal-list]");
  while (list.firstChild) list.removeChild(list.firstChild);
  refused.forEach((entry) => list.appendChild(refusal(entry)));
  one("[data-refusals]").hidden = !refused.length;
  return kept;
}

function button(word, kind, work) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn " + kind;
  made.textContent = word;
  made.addEventListener("click", work);
  return made;
}

// What the server would not take stays here with its reason, until the worker has mended it or lets it go.
function refusal(entry) {
  const box = document.createElement("div"), words = document.createElement("p"), buttons = document.createElement("div");
  const fields = Object.keys(entry.problem.fields || {}).map((code) => [].concat(entry.problem.fields[code]).join("；"));
  box.setAttribute("data-refusal", entry.dwelling);
  words.textContent = entry.label + "：" + [entry.problem.detail].concat(fields).join(" ");
  buttons.className = "btns";
  if (!pack.closed) buttons.appendChild(button("改一改再存", "main", () => again(entry)));
  buttons.appendChild(button("不要了", "warn", () => { if (window.confirm("这一份填的内容会从手机里删掉，确定吗？")) drop(entry.key).then(show); }));
  box.appendChild(words);
  box.appendChild(buttons);
  return box;
}

function doors(shown) {
  one("[data-doors]").hidden = !shown;
  one("[data-doors-foot]").hidden = !shown;
  one("[data-sheet]").hidden = shown;
  one("[data-sheet-foot]").hidden = shown;
  one("[data-progress]").hidden = shown;
  if (shown) {
    one("[data-saved]").hidden = true;
    one("[data-count]").textContent = title;
  }
  alertText("");
  window.scrollTo(0, 0);
}

// ---- one door ---------------------------------------------------------------------------------------------------------

// Kept before the sheet is let go; a phone that is full says so, and the sheet stays open.
function keep(entry) {
  return put(entry).catch(() => {
    const problem = new Error("phone-full");
    problem.detail = "手机存不下了，这一户还没有存好。请先点“先放着”，把前面的上传，或存成文件带走。";
    throw problem;
  });
}

async function visit(dwelling, replaced) {
  const household = households[dwelling];
  one("[data-label]").textContent = household.place;
  await open(household, async (body, questions) => {
    await keep({
      key: newKey(), worker: pack.worker, campaign: pack.campaign, dwelling: dwelling, label: household.label, page: location.pathname + location.search,
      made: Date.now(), state: "waiting", body: body, questions: questions.map((q) => Object.assign({}, q)), problem: null,
    });
    if (replaced) await drop(replaced);
    doors(true);
    say(household.label + "已存好");
    await show();
    upload();
  });
  doors(false);
}

const opened = (dwelling, replaced) => visit(dwelling, replaced).catch(() => alertText("这一户的问卷没有打开，请看看网络，再点一次。"));

// A sheet that was sent back is filled in again from what it held; it gets a new key, since it is another sheet now.
function again(entry) {
  if (!households[entry.dwelling]) { alertText(entry.label + "不在这栋楼，请打开那栋楼的离线入户页再改。"); return; }
  remember(begun(entry.dwelling), JSON.stringify({ answers: entry.body.answers, channel: entry.body.channel, at: "", words: entry.body.content_hash }));
  opened(entry.dwelling, entry.key);
}

// ---- sending ------------------------------------------------------------------------------------------------------------

let sending = null;

function upload() {
  if (!sending) {
    const end = () => { sending = null; };
    sending = sendAll();
    sending.then(end, end);
  }
  return sending;
}

async function sendAll() {
  const kept = (await entries(pack.worker, pack.campaign)).filter((entry) => entry.state === "waiting");
  for (let i = 0; i < kept.length; i += 1) {
    try {
      await sendOne(kept[i]);
    } catch (problem) {
      // Silence, overload and a lost session are not about this sheet: it waits, and so do those after it.
      if (!problem.status || problem.status >= 500 || problem.status === 429 || problem.status === 401) {
        await show();
        throw problem;
      }
      await put(Object.assign({}, kept[i], { state: "refused", problem: { code: problem.code, detail: problem.detail, fields: problem.fields } }));
    }
    await show();
  }
}

async function sendOne(entry) {
  // Pictures first; each that has arrived is written down, so that it is not sent again.
  await sendWaiting(entry.questions, entry.body.answers, {
    given: { campaign: entry.campaign, dwelling: entry.dwelling }, channel: () => entry.body.channel, save: () => put(entry),
  });
  await put(entry);
  await send("POST", "/api/v1/campaigns/" + entry.campaign + "/responses", entry.body, { key: entry.key, retry: false });
  await put({ key: entry.key, worker: entry.worker, campaign: entry.campaign, dwelling: entry.dwelling, label: entry.label, made: entry.made, state: "sent" });
}

const quietly = () => upload().catch(() => undefined);

// ---- a file, as the last resort -----------------------------------------------------------------------------------------

async function exported() {
  const kept = (await entries(pack.worker, pack.campaign)).filter((entry) => entry.state !== "sent");
  if (!kept.length) { alertText("没有要带走的：都已经上传了。"); return; }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify({ format: "gongjian-visits/1", entries: kept })], { type: "application/json" }));
  link.download = "离线入户-" + kept.length + "份.json";
  document.body.appendChild(link);
  link.click();
  document.body.removeChild(link);
}

async function imported(input) {
  const file = input.files[0];
  input.value = "";
  let read = null;
  try { read = JSON.parse(await new Response(file).text()); } catch (error) { /* told below */ }
  const found = read && read.format === "gongjian-visits/1" && Array.isArray(read.entries) ? read.entries : null;
  if (!found) { alertText("这个文件不是离线入户存出来的，请重新选。"); return; }
  const mine = found.filter((entry) => entry.worker === pack.worker && entry.campaign === pack.campaign && entry.key && entry.body && Array.isArray(entry.questions));
  const known = (await entries(pack.worker, pack.campaign)).map((entry) => entry.key);
  const fresh = mine.filter((entry) => known.indexOf(entry.key) < 0);
  for (let i = 0; i < fresh.length; i += 1) await put(Object.assign({}, fresh[i], { state: "waiting", problem: null }));
  const strange = found.length - mine.length;
  alertText("读入 " + fresh.length + " 份。" + (strange ? "另有 " + strange + " 份不是您这次问卷的，没有读入。" : ""));
  await show();
  quietly();
}

// A home that has answered may be asked again, but not by a slip of the finger.
function may(door) {
  return !door.hasAttribute("data-answered") || window.confirm("这一户已经交过问卷。再填一份，两份不一样的要社区核对才定。确定要再填吗？");
}

// ---- beginning ------------------------------------------------------------------------------------------------------------

document.querySelectorAll("[data-door]").forEach((door) => {
  door.addEventListener("click", () => may(door) && opened(door.getAttribute("data-door")));
});
one("[data-leave]").addEventListener("click", () => { doors(true); show(); });
one("[data-upload]").addEventListener("click", (event) => busy(event.currentTarget, "正在上传…", upload).then(() => say("已上传"), report));
one("[data-export]").addEventListener("click", exported);
one("[data-import]").addEventListener("change", (event) => imported(event.currentTarget));
window.addEventListener("online", quietly);
window.addEventListener("focus", quietly);
document.addEventListener("visibilitychange", () => { if (!document.hidden) quietly(); });
setInterval(quietly, EVERY_MS);
// What is kept stays kept; but without a network this page does not come back.
window.addEventListener("beforeunload", (event) => {
  if (navigator.onLine === false) { event.preventDefault(); event.returnValue = ""; }
});

async function load() {
  try {
    if (!pack.closed) await ready(pack);
  } catch (error) {
    one("[data-loaded]").textContent = "没有装全，请看看网络，再打开这一页。";
    return;
  }
  try {
    const old = (await show()).filter((entry) => entry.state === "sent" && Date.now() - entry.made > SENT_KEPT_MS);
    for (let i = 0; i < old.length; i += 1) await drop(old[i].key);
  } catch (error) {
    one("[data-loaded]").textContent = "这部手机不让网页存东西（也许开了无痕浏览），不能离线入户。请换一个浏览器，或联网填写。";
    return;
  }
  document.querySelectorAll("[data-door]").forEach((door) => { door.disabled = false; });
  one("[data-loaded]").textContent = pack.closed
    ? "问卷已经截止，不能再填。这部手机上没有传上去的都还在：可以存成文件，交给社区补录。"
    : "已装好 " + pack.doors.length + " 户，可以断网了。";
  document.body.setAttribute("data-whole", "");
  quietly();
}
load();
