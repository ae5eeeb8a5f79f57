// Translations of a draft: its own words on the left (or above), the other language's in boxes. Saved like the editor's
// changes, as the next number of the draft.

import { newKey, send } from "../kernel/api.js";
import { alertText, report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { button, field } from "./editor_question.js";
import { element } from "./kinds.js";

const WAIT_MS = 900;
const one = (selector) => document.querySelector(selector);
const given = JSON.parse(one("[data-translations]").getAttribute("data-given"));
const URL_OF = "/api/v1/staff/questionnaires/drafts/" + given.draft;
const place = one("[data-parts]"), saved = one("[data-saved]");
const document_ = given.document;
let number = given.number, timer = 0, saving = null, stopped = !given.mine, open = given.open, missingOnly = false;

const languages = () => document_.languages || [];

function changed() {
  if (stopped) return;
  saved.textContent = "正在存…";
  clearTimeout(timer);
  timer = setTimeout(save, WAIT_MS);
}

async function save() {
  clearTimeout(timer);
  if (stopped) return;
  if (saving) { await saving.catch(() => undefined); return changed(); }
  const text = JSON.stringify(document_);
  saving = send("PUT", URL_OF, { number: number, document: JSON.parse(text) }, { key: newKey() });
  try {
    const answer = await saving;
    number = answer.number;
    saved.textContent = "已存";
    const wrong = (answer.faults.languages || []).concat(answer.faults.language || []);
    alertText(wrong.join("；"));
  } catch (problem) {
    saved.textContent = "没有存上";
    stopped = problem.code === "form-draft-changed" || problem.code === "form-draft-published";
    report(problem);
  }
  saving = null;
  if (!stopped && JSON.stringify(document_) !== text) changed();
}

// Words that are translated somewhere stand for the same words elsewhere.
function elsewhere(language, text) {
  const found = [];
  given.texts.forEach((one) => {
    const said = one.text === text && language.texts[one.address];
    if (said && found.indexOf(said) < 0) found.push(said);
  });
  return found.length === 1 ? found[0] : "";
}

const missing = (language) => given.texts.filter((one) => !language.texts[one.address] && !elsewhere(language, one.text)).length;

function box(language) {
  const made = element("section", { class: "card form", "data-language": language.code });
  const left = element("p", { class: "sub" });
  const tell = () => { const n = missing(language); left.textContent = n ? "还有 " + n + " 处没有译文，居民看到的是原文。" : "全部有译文。"; };
  made.appendChild(element("h2", {}, language.name));
  made.appendChild(left);
  made.appendChild(element("div", { class: "line" },
    field("语言的名称（居民看到的）", language.name, (text) => { language.name = text; changed(); }),
    field("代码", language.code, (text) => { language.code = open = text.trim().toLowerCase(); changed(); }, { hint: "如 en、zh-hant" })));
  const only = element("input", { type: "checkbox" });
  only.checked = missingOnly;
  only.addEventListener("change", () => { missingOnly = only.checked; draw(); });
  made.appendChild(element("label", { class: "tick" }, only, element("span", {}, "只看没有译文的")));
  let part = "";
  given.texts.forEach((text) => {
    const said = language.texts[text.address] || "", same = said ? "" : elsewhere(language, text.text);
    if (missingOnly && (said || same)) return;
    if (text.part !== part) { part = text.part; made.appendChild(element("h3", {}, part)); }
    made.appendChild(field(text.text, said, (typed) => {
      if (typed.trim()) language.texts[text.address] = typed;
      else delete language.texts[text.address];
      tell();
      changed();
    }, { lines: text.text.length > 24 ? 2 : 0, hint: same ? "别处译作：" + same : "" }));
  });
  tell();
  if (given.mine) {
    made.appendChild(element("div", { class: "tools" }, button("去掉这种语言", () => {
      document_.languages = languages().filter((one) => one !== language);
      if (!document_.languages.length) delete document_.languages;
      open = "";
      changed();
      draw();
    })));
  }
  return made;
}

function draw() {
  while (place.firstChild) place.removeChild(place.firstChild);
  const head = element("section", { class: "card" }, element("h2", {}, "哪几种语言"), element("p", { class: "sub" }, "原文是" + given.own + "。有两种以上时，居民在问卷最上面选。"));
  const tools = element("div", { class: "tools" });
  languages().forEach((language) => tools.appendChild(button(language.name + (missing(language) ? "（缺 " + missing(language) + "）" : ""), () => { open = language.code; draw(); })));
  if (given.mine) {
    tools.appendChild(button("加一种语言", () => {
      const known = given.known.filter((one) => languages().every((language) => language.code !== one[0]))[0] || ["x" + languages().length, "新的语言"];
      document_.languages = languages().concat({ code: known[0], name: known[1], texts: {} });
      open = known[0];
      changed();
      draw();
    }));
  }
  head.appendChild(tools);
  place.appendChild(head);
  const shown = languages().filter((language) => language.code === open)[0];
  if (shown) place.appendChild(box(shown));
  if (!given.mine) place.querySelectorAll("input:not([type=checkbox]), textarea").forEach((input) => { input.disabled = true; });
}

one("[data-back]").addEventListener("click", (event) => {
  const link = event.currentTarget;
  if (saved.textContent !== "正在存…") return;
  event.preventDefault();
  busy(link, "正在存…", save).then(() => { location.href = link.href; }, report);
});
window.addEventListener("beforeunload", (event) => { if (!stopped && saved.textContent === "正在存…") event.preventDefault(); });
draw();
document.body.setAttribute("data-ready", "");
