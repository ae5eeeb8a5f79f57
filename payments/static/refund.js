// Ask a deposit back, or take the request back.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, showErrors } from "../kernel/form.js";

const reload = () => location.reload();

const form = document.getElementById("refund");
if (form) {
  const button = document.getElementById("refund-button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input[name=reason]:checked");
    const url = "/api/v1/deposits/" + form.getAttribute("data-deposit") + "/refund-requests";
    busy(button, "正在提交…", () => send("POST", url, { reason: chosen ? chosen.value : null })).then(reload, (problem) => showErrors(form, problem));
  });
}

const leave = document.querySelector("[data-leave]");
if (leave) {
  leave.addEventListener("click", () => {
    busy(leave, "正在办理…", () => send("POST", "/api/v1/deposits/" + leave.getAttribute("data-leave") + "/handover", {})).then(reload, report);
  });
}

const cancel = document.querySelector("[data-cancel]");
if (cancel) {
  cancel.addEventListener("click", () => {
    const url = "/api/v1/refund-requests/" + cancel.getAttribute("data-cancel") + "/cancellation";
    busy(cancel, "正在撤回…", () => send("POST", url, {})).then(reload, report);
  });
}
