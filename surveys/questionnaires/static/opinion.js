// A household says of a sheet that others filled in for it: it is right, or what is not.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const form = document.querySelector("[data-opinions]");
form.addEventListener("submit", (event) => event.preventDefault());
form.querySelectorAll("[data-opinion]").forEach((button) => {
  button.addEventListener("click", () => {
    clearErrors(form);
    const body = { opinion: button.getAttribute("data-opinion"), text: form.elements.text.value };
    busy(button, "正在提交…", () => send("POST", form.getAttribute("data-opinions"), body))
      .then(() => location.reload(), (problem) => showErrors(form, problem));
  });
});
