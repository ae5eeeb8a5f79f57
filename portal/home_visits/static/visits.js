// Visits, for both sides: a form that asks or moves one, and buttons that end one or put a door down.

import { report, say } from "../kernel/base.js";
import { newKey, send } from "../kernel/api.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

document.querySelectorAll("[data-visit-form]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const body = values(form);
    const dwelling = form.getAttribute("data-dwelling");
    if (dwelling) body.dwelling = dwelling;
    busy(form.querySelector("[type=submit]"), "正在提交……", () => send(form.getAttribute("data-method") || "POST", form.getAttribute("data-visit-form"), body))
      .then(() => {
        say("记下了");
        const then = form.getAttribute("data-then");
        if (then) location.href = then;
        else location.reload();
      }, (problem) => (problem.status === 422 ? showErrors(form, problem) : report(problem)));
  });
});

document.querySelectorAll("[data-visit-post]").forEach((button) => {
  const label = button.textContent, again = button.getAttribute("data-ask-twice");
  let asked = 0;
  button.addEventListener("click", () => {
    if (again && Date.now() - asked > 8000) {
      asked = Date.now();
      button.textContent = again;
      setTimeout(() => { if (!button.disabled) button.textContent = label; }, 8000);
      return;
    }
    const body = JSON.parse(button.getAttribute("data-body") || "{}");
    // A door may be put down again next week: a key of its own each time it is done.
    busy(button, "正在提交……", () => send("POST", button.getAttribute("data-visit-post"), body, { key: newKey() }))
      .then(() => { say("记下了"); location.reload(); }, report);
  });
});
