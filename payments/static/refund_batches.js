// Batches of refunds: compute, propose what was computed, agree, try again what failed.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";
import { BAD_AMOUNT, fenFrom, yuan } from "./amounts.js";

const reload = () => location.reload();

document.querySelectorAll("[data-batch]").forEach((card) => {
  const url = "/api/v1/refund-batches/" + card.getAttribute("data-batch");
  card.querySelectorAll("[data-agree]").forEach((button) => {
    button.addEventListener("click", () => {
      busy(button, "正在办理…", () => send("POST", url + "/decision", { agree: button.getAttribute("data-agree") === "yes" })).then(reload, report);
    });
  });
  const again = card.querySelector("[data-again]");
  if (again) again.addEventListener("click", () => { busy(again, "正在办理…", () => send("POST", url + "/retries", {})).then(reload, report); });
});

const form = document.querySelector("[data-propose-batch]");
const url = "/api/v1/estates/" + form.getAttribute("data-propose-batch") + "/refund-batches";
const box = form.querySelector("[data-preview]"), ready = form.querySelector("button[type=submit]"), compute = document.getElementById("compute");
const isSurplus = () => form.elements.kind.value.indexOf("surplus") === 0;
let seen = null;

function changed() {
  form.querySelector("[data-surplus]").hidden = !isSurplus();
  ready.disabled = true;
  seen = null;
}
form.elements.kind.addEventListener("change", changed);
form.elements.total.addEventListener("input", changed);

compute.addEventListener("click", () => {
  clearErrors(form);
  const kind = form.elements.kind.value, fen = isSurplus() ? fenFrom(form.elements.total.value) : null;
  if (!kind) { showErrors(form, { fields: { kind: ["请选为什么退。"] } }); return; }
  if (isSurplus() && !(fen > 0)) { showErrors(form, { fields: { total: [BAD_AMOUNT] } }); return; }
  busy(compute, "正在算…", () => send("GET", url + "?kind=" + kind + (fen ? "&total_fen=" + fen : ""))).then((found) => {
    seen = { kind: kind, total_fen: fen, payments: found.payments, sum_fen: found.total_fen };
    box.textContent = found.payments + " 笔，共 " + yuan(found.total_fen) + " 元：微信原路退 " + found.by_wechat + " 笔，银行转账 " + found.by_bank + " 笔。";
    box.hidden = false;
    ready.disabled = !found.payments;
  }, (problem) => showErrors(form, problem));
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  if (!seen) return;
  busy(ready, "正在提交…", () => send("POST", url, Object.assign({ why: form.elements.why.value.trim() }, seen))).then(reload, (problem) => showErrors(form, problem));
});
