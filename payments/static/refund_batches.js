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
  card.querySelectorAll("[data-again]").forEach((again) => {
    again.addEventListener("click", () => { busy(again, "正在办理…", () => send("POST", url + "/retries", { road: again.getAttribute("data-again") })).then(reload, report); });
  });
});

const form = document.querySelector("[data-propose-batch]");
const url = "/api/v1/estates/" + form.getAttribute("data-propose-batch") + "/refund-batches";
const box = form.querySelector("[data-preview]"), ready = form.querySelector("button[type=submit]"), compute = document.getElementById("compute");
const isSurplus = () => form.elements.kind.value.indexOf("surplus") === 0;
const list = form.querySelector("[data-list]");
let seen = null;

const made = (name, text, cls) => Object.assign(document.createElement(name), { textContent: text, className: cls || "" });

// One payment of the preview, as the page's other cells look; what goes by WeChat may be sent by bank instead.
function lineOf(line) {
  const cell = made("div", "", "cell"), door = made("span", line.door, "cell-main");
  door.append(made("small", line.road_why));
  cell.append(door, made("span", yuan(line.amount_fen) + " 元，" + (line.road === "wechat" ? "微信原路退" : "银行转账"), "cell-value"));
  if (line.road !== "wechat") return cell;
  const button = made("button", "改走银行", "btn");
  button.type = "button";
  button.addEventListener("click", () => { cell.after(reasonOf(line)); button.remove(); });
  door.append(button);
  return cell;
}

function reasonOf(line) {
  const box = made("div", "", "field"), label = made("label", line.door + " 改走银行转账的原因"), input = document.createElement("input");
  input.maxLength = 200;
  input.setAttribute("data-by-bank", line.id);
  label.append(input);
  box.append(label, made("small", "例如“住户已不用微信”。不改就空着。"));
  return box;
}

function byBank() {
  const chosen = {};
  list.querySelectorAll("[data-by-bank]").forEach((input) => { if (input.value.trim()) chosen[input.getAttribute("data-by-bank")] = input.value.trim(); });
  return chosen;
}

function changed() {
  form.querySelector("[data-surplus]").hidden = !isSurplus();
  ready.disabled = true;
  list.hidden = true;
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
    box.textContent = found.payments + " 笔，共 " + yuan(found.total_fen) + " 元：微信原路退 " + found.by_wechat + " 笔，银行转账 " + found.by_bank + " 笔。" + (found.kept ? "另有 " + found.kept + " 笔答复留到下一年，不在内。" : "");
    list.querySelector("[data-lines]").replaceChildren(...found.lines.map(lineOf));
    list.hidden = !found.lines.length;
    box.hidden = false;
    ready.disabled = !found.payments;
  }, (problem) => showErrors(form, problem));
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  if (!seen) return;
  busy(ready, "正在提交…", () => send("POST", url, Object.assign({ why: form.elements.why.value.trim(), by_bank: byBank() }, seen))).then(reload, (problem) => showErrors(form, problem));
});
