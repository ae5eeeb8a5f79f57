// Paper forms at a desk: registering with photos, keying with the questionnaire's own page (fill.js), deciding.

import { newKey, send } from "../kernel/api.js";
import { alertText, report, tintChoices } from "../kernel/base.js";
import { busy, showErrors, values } from "../kernel/form.js";

const one = (selector) => document.querySelector(selector);
const keying = one("[data-keying]");

function onSubmit(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form.querySelector("[type=submit]"), "正在保存…", () => work(form)).catch((problem) => (problem.fields ? showErrors(form, problem) : report(problem)));
  });
}

if (keying) {
  const given = JSON.parse(keying.getAttribute("data-keying"));
  import("./fill.js").then((fill) => fill.open(given, async (body) => {
    await send("POST", "/api/v1/staff/survey-papers/" + given.paper + "/keyings", { answers: body.answers });
    location.href = "/work/surveys/papers";
  })).then(() => document.body.setAttribute("data-whole", ""), () => alertText("题目没有收全。请看看网络，再打开这一页。"));
}

const register = one("[data-register]");
if (register) {
  import("../kernel/evidence.js").then((evidence) => onSubmit(register, async (form) => {
    const said = values(form);
    const made = await send("POST", form.getAttribute("data-register"), {
      dwelling: form.getAttribute("data-dwelling"), received_at: said.received_at ? said.received_at + ":00+08:00" : "",
      content_hash: said.content_hash || null, photos: evidence.evidenceOf(form, "photos"),
    }, { key: newKey() });
    location.href = "/work/surveys/papers/" + made.paper;
  }));
}

const decide = one("[data-decide]");
if (decide) {
  tintChoices(decide);
  onSubmit(decide, async (form) => {
    const said = values(form), choices = {};
    Object.keys(said).forEach((code) => { choices[code] = Number(said[code]); });
    await send("POST", form.getAttribute("data-decide"), { choices: choices });
    location.href = "/work/surveys/papers";
  });
}

const away = one("[data-void]");
if (away) {
  onSubmit(away, async (form) => {
    await send("POST", form.getAttribute("data-void"), values(form), { key: newKey() });
    location.href = "/work/surveys/papers";
  });
}

const wanted = one("[data-void-decision]");
if (wanted) wanted.querySelectorAll("[data-agree]").forEach((button) => button.addEventListener("click", () => {
  const body = { agree: button.getAttribute("data-agree") === "yes" };
  busy(button, "正在保存…", () => send("POST", wanted.getAttribute("data-void-decision"), body)).then(() => { location.href = "/work/surveys/papers"; }, report);
}));
