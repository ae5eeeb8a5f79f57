// Alarms: say what was found; agree to it or send it back.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const reload = () => location.reload();

document.querySelectorAll("[data-alarm]").forEach((card) => {
  const form = card.querySelector("[data-found]"), asked = card.querySelector("[data-settlement]");
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearErrors(form);
      const url = "/api/v1/payment-alarms/" + card.getAttribute("data-alarm") + "/settlements";
      busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", url, values(form))).then(reload, (problem) => showErrors(form, problem));
    });
  }
  if (asked) {
    const url = "/api/v1/alarm-settlements/" + asked.getAttribute("data-settlement") + "/decision";
    asked.querySelectorAll("[data-agree]").forEach((button) => {
      button.addEventListener("click", () => {
        busy(button, "正在办理…", () => send("POST", url, { agree: button.getAttribute("data-agree") === "yes" })).then(reload, report);
      });
    });
  }
});
