// The street's page of a campaign: every form and button is one call, then the page is drawn anew.

import { newKey, send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, showErrors, values } from "../kernel/form.js";

const box = document.querySelector("[data-run]"), base = box.getAttribute("data-run");
const again = () => location.reload();

// What the fields hold, as the API wants it: China's time with its zone, codes as a list.
function body(form) {
  const found = values(form);
  ["opens_at", "closes_at"].forEach((name) => { if (found[name]) found[name] += ":00+08:00"; });
  if (found.places) found.places = found.places.split(/[\s,，、]+/).filter(Boolean);
  return found;
}

box.querySelectorAll("[data-form]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const method = form.getAttribute("data-method") || "POST";
    busy(form.querySelector("[type=submit]"), "正在保存…", () => send(method, base + form.getAttribute("data-form"), body(form), { key: newKey() }))
      .then(again, (problem) => showErrors(form, problem));
  });
});
box.querySelectorAll("[data-post]").forEach((button) => {
  button.addEventListener("click", () => {
    busy(button, "正在办…", () => send("POST", base + button.getAttribute("data-post"), {}, { key: newKey() })).then(again, report);
  });
});
box.querySelectorAll("[data-remind]").forEach((button) => {
  button.addEventListener("click", () => {
    const said = { estate: button.getAttribute("data-remind") };
    busy(button, "正在发…", () => send("POST", base + "/reminders", said, { key: newKey() })).then(again, report);
  });
});
