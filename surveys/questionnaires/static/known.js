// How many households have old people or small children, as the community knows it.

import { send } from "../kernel/api.js";
import { busy, showErrors, values } from "../kernel/form.js";

const form = document.querySelector("[data-known]");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = values(form);
    const body = { trait: given.trait, source: given.source || "" };
    if (/^\d+$/.test(given.households || "")) body.households = Number(given.households);
    busy(form.querySelector("[type=submit]"), "正在保存…", () => send("POST", form.getAttribute("data-known"), body))
      .then(() => location.reload(), (problem) => showErrors(form, problem));
  });
}
