// A day's differences: propose, agree or send back; sign the day; print it.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, showErrors, values } from "../kernel/form.js";

const reload = () => location.reload();

document.querySelectorAll("[data-difference]").forEach((card) => {
  const url = "/api/v1/bill-differences/" + card.getAttribute("data-difference");
  const form = card.querySelector("[data-propose]");
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button[type=submit]");
      busy(button, "正在提交…", () => send("POST", url + "/proposal", values(form))).then(reload, (problem) => showErrors(form, problem));
    });
  }
  card.querySelectorAll("[data-agree]").forEach((button) => {
    button.addEventListener("click", () => {
      const body = { agree: button.getAttribute("data-agree") === "yes", seen: card.getAttribute("data-seen") };
      busy(button, "正在办理…", () => send("POST", url + "/decision", body)).then(reload, report);
    });
  });
});

document.querySelectorAll("[data-reverse]").forEach((form) => {
  const difference = form.closest("[data-difference]").getAttribute("data-difference");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = "/api/v1/bill-differences/" + difference + "/reversal-proposals";
    busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", url, { why: form.elements.why.value })).then(reload, (problem) => showErrors(form, problem));
  });
});

document.querySelectorAll("[data-undo]").forEach((button) => {
  const url = "/api/v1/difference-reversals/" + button.closest("[data-reversal]").getAttribute("data-reversal") + "/decision";
  button.addEventListener("click", () => {
    busy(button, "正在办理…", () => send("POST", url, { agree: button.getAttribute("data-undo") === "yes" })).then(reload, report);
  });
});

const close = document.getElementById("close");
if (close) {
  close.addEventListener("click", () => {
    busy(close, "正在日结…", () => send("POST", "/api/v1/reconciled-days/" + close.getAttribute("data-day") + "/closing", {})).then(reload, report);
  });
}
const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());
