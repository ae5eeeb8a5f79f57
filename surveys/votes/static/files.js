// An auditor's files: asked for with a reason, which is on record before anything is opened, then saved by the browser.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const form = document.querySelector("form[data-files]");

function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file.content], { type: file.type + ";charset=utf-8" }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  form.querySelector("[data-done]").textContent = "已下载 " + file.name + "，这次查看已经记录。";
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const reason = form.elements.reason.value.trim(), button = event.submitter || form.querySelector("[data-file]");
    busy(button, "正在取…", () => send("POST", button.getAttribute("data-file"), { reason: reason }))
      .then(save, (problem) => showErrors(form, problem));
  });
}
