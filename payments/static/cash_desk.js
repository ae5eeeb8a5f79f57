// The counter: take money, ask to void, count a box, hand cash in at the bank.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { evidenceOf } from "../kernel/evidence.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";
import { BAD_AMOUNT, fenFrom } from "./amounts.js";

const reload = () => location.reload();
const all = (selector, each) => document.querySelectorAll(selector).forEach(each);

all("[data-take]", (form) => {
  const other = form.querySelector("[data-other]"), card = form.querySelector("[data-card]");
  form.addEventListener("change", () => {
    const chosen = values(form);
    other.hidden = chosen.payer_id !== "";
    card.hidden = chosen.way !== "card";
    button.textContent = chosen.way === "code" ? "出收款码" : said;
  });
  const button = document.getElementById("take"), said = button.textContent;
  function submit(event) {
    event.preventDefault();
    clearErrors(form);
    const given = values(form), fen = fenFrom(form.elements.amount.value);
    if (given.payer_id === undefined) { showErrors(form, { fields: { payer_id: ["请选是谁缴的。"] } }); return; }
    if (!(fen > 0)) { showErrors(form, { fields: { amount_fen: [BAD_AMOUNT] } }); return; }
    const body = { amount_fen: fen, payer_id: given.payer_id, terms_shown: given.terms_shown.length > 0 };
    if (!given.payer_id) body.payer_name = given.payer_name || "";
    const url = "/api/v1/dwellings/" + form.getAttribute("data-take");
    if (given.way === "code") {
      busy(button, "正在联系微信…", () => send("POST", url + "/codes", body))
        .then((made) => { location.href = "/work/cash/c/" + made.id; }, (problem) => showErrors(form, problem));
      return;
    }
    if (given.way === "card") body.card = { bank: given.bank || "", terminal_no: given.terminal_no || "", voucher_no: given.voucher_no || "", slip_day: given.slip_day || "" };
    busy(button, "正在开收据…", () => send("POST", url + "/takings", body))
      .then((made) => { location.href = "/work/cash/t/" + made.id; }, (problem) => showErrors(form, problem));
  }
  button.addEventListener("click", submit);
  form.addEventListener("submit", submit);
});

all("[data-print]", (button) => {
  const where = button.closest("[data-taking]"), taking = where.getAttribute("data-taking");
  button.addEventListener("click", () => {
    busy(button, "正在打开…", () => send("POST", "/api/v1/" + where.getAttribute("data-under") + "/" + taking + "/prints", {}))
      .then(() => { location.href = button.getAttribute("data-print"); }, report);
  });
});

all("[data-void]", (form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", "/api/v1/" + form.getAttribute("data-under") + "/" + form.getAttribute("data-void") + "/void-proposals", { why: form.elements.why.value }))
      .then(reload, (problem) => showErrors(form, problem));
  });
});

all("[data-voiding] [data-agree]", (button) => {
  const url = "/api/v1/taking-voids/" + button.closest("[data-voiding]").getAttribute("data-voiding") + "/decision";
  button.addEventListener("click", () => {
    busy(button, "正在办理…", () => send("POST", url, { agree: button.getAttribute("data-agree") === "yes" })).then(reload, report);
  });
});

all("[data-difference]", (card) => {
  const url = "/api/v1/cash-differences/" + card.getAttribute("data-difference");
  const form = card.querySelector("[data-propose]");
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearErrors(form);
      busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", url + "/proposal", values(form))).then(reload, (problem) => showErrors(form, problem));
    });
  }
  card.querySelectorAll("[data-agree]").forEach((button) => {
    const body = { agree: button.getAttribute("data-agree") === "yes", seen: card.getAttribute("data-seen") };
    button.addEventListener("click", () => { busy(button, "正在办理…", () => send("POST", url + "/decision", body)).then(reload, report); });
  });
});

all("[data-count]", (form) => {
  const said = form.querySelector("[data-said]"), differs = form.querySelector("[data-differs]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    said.hidden = true;
    const fen = fenFrom(form.elements.counted.value), why = form.elements.why.value.trim();
    if (fen === null || !(fen >= 0)) { showErrors(form, { fields: { counted_fen: ["请填点出的金额，没有钱就填 0。"] } }); return; }
    busy(form.querySelector("button[type=submit]"), "正在日结…", () => send("POST", "/api/v1/cash-boxes/" + form.getAttribute("data-count") + "/count", { counted_fen: fen, why: differs.hidden ? null : why || null }))
      .then(reload, (problem) => {
        if (problem.code !== "count-differs") { showErrors(form, problem); return; }
        said.textContent = problem.detail;
        said.hidden = false;
        differs.hidden = false;
        form.elements.why.focus();
      });
  });
});

all("[data-bank]", (form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const body = { boxes: [form.getAttribute("data-bank")], slip_no: form.elements.slip_no.value.trim(), evidence: evidenceOf(form, "evidence") };
    busy(form.querySelector("button[type=submit]"), "正在提交…", () => send("POST", "/api/v1/cash-bankings", body)).then(reload, (problem) => showErrors(form, problem));
  });
});
