// Staff: approve, refuse, enter payees, transfer, confirm, convert.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";
import { fenFrom, yuan } from "./amounts.js";

const reload = () => location.reload();

function submit(form, url, shape) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const button = form.querySelector("button[type=submit]");
    busy(button, "正在提交…", () => send("POST", url, shape())).then(reload, (problem) => showErrors(form, problem));
  });
}

function press(button, url, body) {
  button.addEventListener("click", () => {
    busy(button, "正在办理…", () => send("POST", url, body)).then(reload, report);
  });
}

document.querySelectorAll("[data-request]").forEach((card) => {
  const url = "/api/v1/refund-requests/" + card.getAttribute("data-request");
  card.querySelectorAll("[data-approve]").forEach((button) => press(button, url + "/approval", {}));
  card.querySelectorAll("[data-arrived]").forEach((button) => {
    press(button, url + "/confirmation", { arrived: button.getAttribute("data-arrived") === "yes" });
  });
  [["refuse", "/refusal"], ["payee", "/payee"], ["transfer", "/transfer"]].forEach(([name, path]) => {
    const form = card.querySelector("[data-" + name + "]");
    if (form) submit(form, url + path, () => values(form));
  });
});

const all = document.getElementById("approve-all");
if (all) {
  const box = document.querySelector("[data-batch-result]");
  all.addEventListener("click", () => {
    const body = { requests: all.getAttribute("data-requests").split(","), total_fen: parseInt(all.getAttribute("data-total"), 10) };
    busy(all, "正在办理…", () => send("POST", "/api/v1/refund-approvals", body)).then((done) => {
      if (!done.failed.length) { reload(); return; }
      box.textContent = "核准 " + (done.checked + done.released) + " 笔；没有办成 " + done.failed.length + " 笔：" + done.failed.map((one) => one.detail).join("；");
      box.hidden = false;
      box.scrollIntoView({ block: "center" });
    }, report);
  });
}

document.querySelectorAll("[data-rollover]").forEach((card) => {
  const url = "/api/v1/rollover-questions/" + card.getAttribute("data-rollover") + "/";
  card.querySelectorAll("[data-rollover-deed]").forEach((button) => press(button, url + button.getAttribute("data-rollover-deed"), {}));
});

const askRollover = document.querySelector("[data-ask-rollover]");
if (askRollover) {
  submit(askRollover, "/api/v1/estates/" + askRollover.getAttribute("data-ask-rollover") + "/rollover-questions", () => {
    const given = values(askRollover);
    return { plan_year: parseInt(given.plan_year, 10) || 0, why: given.why };
  });
}

const sold = document.querySelector("[data-sold]");
if (sold) submit(sold, "/api/v1/estates/" + sold.getAttribute("data-sold") + "/handovers", () => values(sold));

const enter = document.querySelector("[data-enter]");
if (enter) {
  submit(enter, "/api/v1/estates/" + enter.getAttribute("data-enter") + "/refund-requests", () => {
    const given = values(enter);
    return { receipt_number: given.receipt_number, reason: given.reason || null };
  });
}

document.querySelectorAll("[data-conversion]").forEach((card) => {
  const url = "/api/v1/conversions/" + card.getAttribute("data-conversion") + "/decision";
  card.querySelectorAll("[data-agree]").forEach((button) => press(button, url, { agree: button.getAttribute("data-agree") === "yes" }));
});

const propose = document.querySelector("[data-propose]");
if (propose) {
  const url = "/api/v1/estates/" + propose.getAttribute("data-propose") + "/conversions";
  const box = propose.querySelector("[data-preview]");
  const ready = propose.querySelector("button[type=submit]");
  const look = document.getElementById("preview");
  let seen = null;
  propose.elements.due.addEventListener("input", () => { ready.disabled = true; });
  look.addEventListener("click", () => {
    clearErrors(propose);
    const due = fenFrom(propose.elements.due.value);
    if (due !== null && !(due > 0)) { showErrors(propose, { fields: { due_fen: ["请填大于 0 的金额，例如 300 或 300.50。"] } }); return; }
    busy(look, "正在算…", () => send("GET", url + (due === null ? "" : "?due_fen=" + due))).then((found) => {
      seen = { due: due, total: found.amount_fen };
      box.textContent = found.deposits + " 笔：转为出资 " + yuan(found.amount_fen) + " 元，多出退回 " + yuan(found.rest_fen) + " 元。";
      box.hidden = false;
      ready.disabled = !found.amount_fen;
    }, report);
  });
  submit(propose, url, () => ({ basis: propose.elements.basis.value, due_fen: seen.due, total_fen: seen.total }));
}
