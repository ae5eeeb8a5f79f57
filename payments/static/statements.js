// Bank statements: import a file; say what a line is, agree or send it back.

import { newKey, send, upload } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const reload = () => location.reload();

const form = document.querySelector("[data-import]");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const said = form.querySelector("[data-said]");
  // The same file sent again adds nothing.
  busy(form.querySelector("button[type=submit]"), "正在导入…", () => upload("/api/v1/bank-statements", new FormData(form), newKey())).then((told) => {
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
