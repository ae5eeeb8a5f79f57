// A lot drawn before two witnesses: the order of names, and who, how, when, with the photo.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";
import { evidenceOf } from "../kernel/evidence.js";

document.querySelectorAll("form[data-lot]").forEach((form) => {
  const text = (name) => form.elements.namedItem(name).value.trim();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const order = Array.from(form.querySelectorAll("[name=order]")).map((select) => select.value);
    const body = {
      order: order,
      method: text("method"),
      drawn_by: text("drawn_by"),
      witnesses: [text("witness_1"), text("witness_2")],
      drawn_at: text("drawn_at") + ":00+08:00",
      evidence: evidenceOf(form, "evidence"),
    };
    if (order.some((one) => !one) || !text("drawn_at")) {
      showErrors(form, { status: 422, fields: { order: ["请写清抽签的先后和时间。"] } });
      return;
    }
    busy(form.querySelector("[type=submit]"), "正在办理…", () => send("POST", form.getAttribute("data-lot"), body))
      .then(() => location.reload(), (problem) => showErrors(form, problem));
  });
});
