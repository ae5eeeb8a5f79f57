// Claiming a dwelling: name and phone tail against the roster; then a code to the phone on the roster.

import { alertText, report, say } from "../kernel/base.js";
import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const one = (selector) => document.querySelector(selector);

function startClaim(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    alertText("");
    const filled = values(form), missing = {};
    if (!filled.name) missing.name = ["请填登记的姓名。"];
    if (!/^\d{4}$/.test(filled.phone_tail || "")) missing.phone_tail = ["请填手机号的最后四位数字。"];
    if (Object.keys(missing).length) { showErrors(form, { fields: missing }); return; }
    const code = form.getAttribute("data-door-code");
    if (code) filled.door_code = code;
    else filled.dwelling = form.getAttribute("data-dwelling");
    busy(form.querySelector("[type=submit]"), "正在核对……", () => send("POST", "/api/v1/claims", filled)).then((claim) => {
      if (claim.level > 0) location.href = claim.page;
      else if (claim.tries_left > 0) alertText(claim.text + "还可以再试 " + claim.tries_left + " 次。");
      else location.reload();
    }, (problem) => (problem.status === 422 ? showErrors(form, problem) : report(problem)));
  });
}

// The button rests while another message may not be asked for, and counts down in words.
function rest(button, label, seconds) {
  button.disabled = seconds > 0;
  button.textContent = seconds > 0 ? seconds + " 秒后可以重发" : label;
  if (seconds > 0) setTimeout(() => rest(button, label, seconds - 1), 1000);
}

function startCode(card) {
  const claim = "/api/v1/claims/" + card.getAttribute("data-claim-id");
  const button = one("[data-code-send]"), form = one("[data-code-form]"), words = one("[data-code-words]");
  if (!button) return;
  button.addEventListener("click", () => {
    alertText("");
    busy(button, "正在发送……", () => send("POST", claim + "/code", {})).then((asked) => {
      words.textContent = asked.text;
      form.hidden = false;
      rest(button, "重新发送", asked.again_after_s);
      form.elements.code.focus();
      say(asked.text);
    }, report);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const code = form.elements.code.value.replace(/\s/g, "");
    if (!/^\d{6}$/.test(code)) { showErrors(form, { fields: { code: ["验证码是 6 位数字。"] } }); return; }
    busy(form.querySelector("[type=submit]"), "正在确认……", () => send("POST", claim + "/confirm", { code: code }))
      .then((confirmed) => { location.href = confirmed.page; }, (problem) => {
        if (!problem.fields.code) problem.fields = { code: [problem.detail] };
        showErrors(form, problem);
      });
  });
}

const form = one("[data-claim-form]"), card = one("[data-claim-id]");
if (form) startClaim(form);
if (card) startCode(card);
