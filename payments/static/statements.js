// Bank statements: import a file; say what a line is, agree or send it back.

import { newKey, send, upload } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";
import { BAD_AMOUNT, fenFrom } from "./amounts.js";

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

// "3栋2单元501 500" a line -> [{home, amount_fen}]; a single household without an amount gets all of it. null: unreadable.
function partsOf(text, whole) {
  const rows = text.split("\n").map((row) => row.trim()).filter((row) => row);
  if (rows.length === 1 && !/\s[\d.,]+$/.test(rows[0])) return [{ home: rows[0], amount_fen: whole }];
  const parts = rows.map((row) => {
    const found = /^(.*\S)\s+([\d.,]+)$/.exec(row);
    return found ? { home: found[1], amount_fen: fenFrom(found[2]) } : null;
  });
  return parts.length && parts.every((part) => part && part.amount_fen > 0) ? parts : null;
}

document.querySelectorAll("[data-line]").forEach((card) => {
  const url = "/api/v1/bank-lines/" + card.getAttribute("data-line");
  const own = card.querySelector("[data-propose]");
  if (own) {
    const credit = own.querySelector("[data-credit]"), arrival = own.querySelector("[data-arrival]");
    const fee = own.querySelector("[data-fee]"), bearer = own.querySelector("[data-bearer]");
    const same = own.querySelector("[data-same]");
    own.elements.decision.addEventListener("change", () => {
      credit.hidden = own.elements.decision.value !== "credited";
      if (arrival) arrival.hidden = own.elements.decision.value !== "arrived";
      fee.hidden = own.elements.decision.value !== "pos";
      if (bearer) bearer.hidden = !["fee", "settled"].includes(own.elements.decision.value);
      if (same) same.hidden = own.elements.decision.value !== "duplicate";
    });
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      clearErrors(own);
      const given = values(own), body = { decision: given.decision || "", why: given.why || "" };
      if (body.decision === "credited") {
        body.parts = partsOf(given.homes || "", parseInt(own.getAttribute("data-amount"), 10));
        if (!body.parts) { showErrors(own, { fields: { home: ["请一户写一行，后面空一格写金额。"] } }); return; }
      }
      if (body.decision === "arrived") body.banking = given.banking || "";
      if (body.decision === "duplicate") body.same_as = given.same_as || "";
      if (body.decision === "fee" || body.decision === "settled") body.estate = given.estate || "";
      if (body.decision === "pos" && given.fee) {
        body.fee_fen = fenFrom(given.fee);
        if (!(body.fee_fen >= 0)) { showErrors(own, { fields: { fee: [BAD_AMOUNT] } }); return; }
      }
      busy(own.querySelector("button[type=submit]"), "正在提交…", () => send("POST", url + "/proposal", body)).then(reload, (problem) => showErrors(own, problem));
    });
  }
  card.querySelectorAll("[data-agree]").forEach((button) => {
    button.addEventListener("click", () => {
      busy(button, "正在办理…", () => send("POST", url + "/decision", { agree: button.getAttribute("data-agree") === "yes", seen: card.getAttribute("data-seen") })).then(reload, report);
    });
  });
});

document.querySelectorAll("[data-credited]").forEach((row) => {
  const form = row.querySelector("[data-reverse]"), asked = row.querySelector("[data-reversal]");
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearErrors(form);
      busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", "/api/v1/bank-lines/" + row.getAttribute("data-credited") + "/reversal-proposals", { why: form.elements.why.value })).then(reload, (problem) => showErrors(form, problem));
    });
  }
  if (asked) {
    asked.querySelectorAll("[data-agree]").forEach((button) => {
      button.addEventListener("click", () => {
        busy(button, "正在办理…", () => send("POST", "/api/v1/line-reversals/" + asked.getAttribute("data-reversal") + "/decision", { agree: button.getAttribute("data-agree") === "yes" })).then(reload, report);
      });
    });
  }
});
