// Accounts' days: propose what was read, sign it or send it back, print it.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

document.querySelectorAll("[data-propose-day]").forEach((form) => {
  const account = form.closest("[data-account]").getAttribute("data-account");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const body = { seen: form.getAttribute("data-seen"), why: form.elements.why.value };
    busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", "/api/v1/bank-accounts/" + account + "/days", body))
      .then(() => location.reload(), (problem) => showErrors(form, problem));
  });
});

document.querySelectorAll("[data-day] [data-agree]").forEach((button) => {
  const day = button.closest("[data-day]");
  button.addEventListener("click", () => {
    const body = { agree: button.getAttribute("data-agree") === "yes", seen: day.getAttribute("data-seen") };
    busy(button, "正在办理…", () => send("POST", "/api/v1/account-days/" + day.getAttribute("data-day") + "/decision", body))
      .then(() => location.reload(), report);
  });
});

const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());
