// Joining estates to a cluster, and ending one.

import { send } from "../kernel/api.js";
import { report, say } from "../kernel/base.js";
import { busy, showErrors } from "../kernel/form.js";

const form = document.querySelector("[data-join-estates]");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const estates = Array.from(form.querySelectorAll("[name=estates]:checked"), (box) => box.value);
    if (estates.length < 2) { say("请至少选两个小区。"); return; }
    const body = { name: form.querySelector("[name=name]").value, estates: estates };
    busy(form.querySelector("[type=submit]"), "正在建…", () => send("POST", "/api/v1/clusters", body))
      .then(() => location.reload(), (problem) => showErrors(form, problem));
  });
}

document.querySelectorAll("[data-end-cluster]").forEach((button) => {
  button.addEventListener("click", () => {
    busy(button, "正在撤销…", () => send("POST", button.getAttribute("data-end-cluster"), {}))
      .then(() => location.reload(), report);
  });
});
