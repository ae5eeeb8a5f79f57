// Taking back a consent, after being asked once.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

document.querySelectorAll("[data-withdraw]").forEach((button) => {
  button.addEventListener("click", () => {
    if (!window.confirm("确定要撤回吗？撤回后从现在起不再按原来的同意使用。")) return;
    const body = {
      response: button.closest("[data-response]").getAttribute("data-response"),
      question: button.getAttribute("data-question"), item: button.getAttribute("data-withdraw"),
    };
    busy(button, "正在撤回…", () => send("POST", "/api/v1/my/survey-consents/withdrawals", body)).then(() => location.reload(), report);
  });
});
