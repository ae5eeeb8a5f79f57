// Staff: write a budget, publish or withdraw it, enter what is too much.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const reload = () => location.reload();

document.querySelectorAll("[data-budget]").forEach((card) => {
  const url = "/api/v1/budgets/" + card.getAttribute("data-budget") + "/decision";
  card.querySelectorAll("[data-agree]").forEach((button) => {
    const body = { agree: button.getAttribute("data-agree") === "yes" };
    button.addEventListener("click", () => { busy(button, "正在办理…", () => send("POST", url, body)).then(reload, report); });
  });
});

const remind = document.getElementById("remind");
if (remind) {
  remind.addEventListener("click", () => {
    const url = "/api/v1/estates/" + remind.getAttribute("data-estate") + "/contribution-reminders";
    busy(remind, "正在发送…", () => send("POST", url, {})).then(reload, report);
  });
}

const save = document.getElementById("save-most");
if (save) {
  save.addEventListener("click", () => {
    const most = document.getElementById("most");
    const url = "/api/v1/estates/" + most.getAttribute("data-estate") + "/contribution-reminders";
    busy(save, "正在保存…", () => send("PUT", url, { most: parseInt(most.value, 10) })).then(reload, report);
  });
}

const surplus = document.getElementById("surplus");
if (surplus) {
  surplus.addEventListener("click", () => {
    const url = "/api/v1/estates/" + surplus.getAttribute("data-estate") + "/surplus-requests";
    busy(surplus, "正在登记…", () => send("POST", url, {})).then(reload, report);
  });
}
