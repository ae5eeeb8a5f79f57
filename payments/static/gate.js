// The street: lay down what a collection is measured by; another adopts it.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";
import { fenFrom } from "./amounts.js";

const reload = () => location.reload();

document.querySelectorAll("[data-base]").forEach((card) => {
  const url = "/api/v1/gate-bases/" + card.getAttribute("data-base") + "/decision";
  card.querySelectorAll("[data-agree]").forEach((button) => {
    const body = { agree: button.getAttribute("data-agree") === "yes" };
    button.addEventListener("click", () => { busy(button, "正在办理…", () => send("POST", url, body)).then(reload, report); });
  });
});

// "3栋 24" a line -> {"3栋": 24}; null when a line cannot be read.
function buildings(text) {
  const made = {};
  const readable = text.split("\n").map((line) => line.trim()).filter(Boolean).every((line) => {
    const parts = /^(.+?)[\s:：=，,]+(\d{1,6})\s*户?$/.exec(line);
    if (parts) made[parts[1].trim()] = parseInt(parts[2], 10);
    return Boolean(parts);
  });
  return readable ? made : null;
}

const form = document.getElementById("base");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const given = values(form);
    const homes = buildings(given.buildings || "");
    const share = /^(\d{1,3})(?:\.(\d))?%?$/.exec(given.share || "");
    // Square metres have two places as yuan have: the same reading gives 0.01 ㎡.
    const numbers = { average_fen: fenFrom(given.average || ""), target_fen: fenFrom(given.target || ""), area_dm2: fenFrom(given.area || "") };
    const wrong = form.querySelector("[data-wrong]");
    wrong.textContent = "";
    if (!homes) wrong.textContent = "各楼户数请一行写一栋，例如“3栋 24”。";
    else if (Object.values(numbers).some(Number.isNaN) || !numbers.average_fen || !/^\d+$/.test(given.households || "") || (given.share && !share)) {
      wrong.textContent = "有一项数字看不懂。金额例如 500 或 43800.50，户数写整数，比例例如 70。";
    }
    if (wrong.textContent) return;
    const body = Object.assign(numbers, { as_of: given.as_of, households: parseInt(given.households, 10), by_building: homes, why: given.why || "",
      share_permille: share ? parseInt(share[1] + (share[2] || "0"), 10) : null });
    const button = form.querySelector("button[type=submit]");
    busy(button, "正在提交…", () => send("POST", "/api/v1/estates/" + form.getAttribute("data-estate") + "/gate-bases", body)).then(reload, (problem) => { showErrors(form, problem); });
  });
}
