// Claiming a dwelling: name and phone tail against the roster.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const form = document.querySelector("[data-claim]");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const filled = values(form);
  const missing = {};
  if (!filled.name) missing.name = ["请填业主姓名。"];
  if (!/^\d{4}$/.test(filled.phone_tail || "")) missing.phone_tail = ["请填手机号的最后四位数字。"];
  if (Object.keys(missing).length) { showErrors(form, { fields: missing }); return; }
  filled.door_code = form.getAttribute("data-claim");
  busy(form.querySelector("[type=submit]"), "正在核对……", () => send("POST", "/api/v1/claims", filled))
    .then((claim) => { location.href = claim.page || "/h/" + filled.door_code; }, (problem) => showErrors(form, problem));
});
