// Payments out of the account: ask with photos, sign, execute, reverse.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { evidenceOf } from "../kernel/evidence.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const reload = () => location.reload();

function submit(form, url, shape) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", url, shape())).then(reload, (problem) => showErrors(form, problem));
  });
}

document.querySelectorAll("[data-spending]").forEach((card) => {
  const url = "/api/v1/spendings/" + card.getAttribute("data-spending") + "/";
  card.querySelectorAll("[data-deed]").forEach((button) => {
    button.addEventListener("click", () => {
      busy(button, "正在办理…", () => send("POST", url + button.getAttribute("data-deed"), {})).then(reload, report);
    });
  });
  [["pay", "payment"], ["refuse", "refusal"], ["reverse", "reversal"]].forEach(([name, path]) => {
    const form = card.querySelector("[data-" + name + "]");
    if (form) submit(form, url + path, () => values(form));
  });
});

function sets(button, estate, many) {
  button.addEventListener("click", () => {
    busy(button, "正在保存…", () => send("PUT", "/api/v1/estates/" + estate + "/signatories", { signatories: many })).then(reload, report);
  });
}
const setting = document.getElementById("signatories");
if (setting) sets(setting, setting.getAttribute("data-estate"), parseInt(setting.getAttribute("data-many"), 10));
const kept = document.querySelector("[data-keep]");
if (kept) sets(kept, kept.getAttribute("data-keep"), 3);

// "300", "300.5" -> fen as a whole number; anything else -> 0, which the server refuses in words. No floats on the way.
function fenFrom(text) {
  const parts = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(text.replace(/[,，\s]/g, "").replace("。", "."));
  return parts ? parseInt(parts[1] + ((parts[2] || "") + "00").slice(0, 2), 10) : 0;
}

const ask = document.getElementById("ask");
if (ask) {
  submit(ask, "/api/v1/estates/" + ask.getAttribute("data-estate") + "/spendings", () => {
    const given = values(ask);
    const person = ask.querySelector("[name=payee_is_person]").checked;
    return { item: given.item, payee: given.payee, payee_is_person: person, purpose: given.purpose, voucher_no: given.voucher_no,
      amount_fen: fenFrom(given.amount), photos: evidenceOf(ask, "photos") };
  });
}
