// What became of each wish.

import { send } from "../kernel/api.js";
import { busy, showErrors, values } from "../kernel/form.js";

document.querySelectorAll("[data-wish]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const estates = form.getAttribute("data-estates").split(",");
    const whose = estates.length > 1 ? { estates: estates } : { estate: estates[0] };
    const body = Object.assign(whose, { item: form.getAttribute("data-item") }, values(form));
    busy(form.querySelector("[type=submit]"), "正在保存…", () => send("POST", form.getAttribute("data-wish"), body))
      .then(() => location.reload(), (problem) => showErrors(form, problem));
  });
});
