// Bank statements: import a file; say what a line is, agree or send it back.

import { newKey, send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const reload = () => location.reload();

// A file goes as a form; everything else is as in api.js. The same file sent again adds nothing.
function upload(form) {
  const headers = { Accept: "application/json", "X-Requested-By": "gongjian", "Idempotency-Key": newKey() };
  return fetch("/api/v1/bank-statements", { method: "POST", headers: headers, body: new FormData(form), credentials: "same-origin" })
    .then((answer) => answer.json().then((told) => {
      if (answer.ok) return told;
      const problem = new Error(told.code);
      problem.status = answer.status;
      problem.code = told.code;
      problem.detail = told.detail;
      problem.fields = told.fields || {};
      throw problem;
    }));
}

const form = document.querySelector("[data-import]");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const said = form.querySelector("[data-said]");
  busy(form.querySelector("button[type=submit]"), "正在导入…", () => upload(form)).then((told) => {
    said.textContent = "读到 " + told.lines + " 行，新增 " + told.new + " 行，和微信提现对上 " + told.matched + " 行，待处理 " + (told.waiting + told.review) + " 行。";
    said.hidden = false;
    setTimeout(reload, 1500);
  }, (problem) => showErrors(form, problem));
});

document.querySelectorAll("[data-line]").forEach((card) => {
  const url = "/api/v1/bank-lines/" + card.getAttribute("data-line");
  const own = card.querySelector("[data-propose]");
  if (own) {
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(own.querySelector("button[type=submit]"), "正在提交…", () => send("POST", url + "/proposal", values(own))).then(reload, (problem) => showErrors(own, problem));
    });
  }
  card.querySelectorAll("[data-agree]").forEach((button) => {
    button.addEventListener("click", () => {
      busy(button, "正在办理…", () => send("POST", url + "/decision", { agree: button.getAttribute("data-agree") === "yes" })).then(reload, report);
    });
  });
});
