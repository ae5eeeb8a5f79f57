// Me: ending a tie, ending sessions, signing out.

import { report } from "../kernel/base.js";
import { send } from "../kernel/api.js";
import { busy } from "../kernel/form.js";

// Asks once more on the button itself: no pop-up to lose, and a second tap in calm says yes.
function twice(button, question, work) {
  const label = button.textContent;
  let asked = 0;
  button.addEventListener("click", () => {
    if (Date.now() - asked > 8000) {
      asked = Date.now();
      button.textContent = question;
      setTimeout(() => { if (!button.disabled) button.textContent = label; }, 8000);
      return;
    }
    busy(button, "正在办理……", work).catch(report);
  });
}

document.querySelectorAll("[data-end-tie]").forEach((button) => {
  const tie = button.closest("[data-tie]").getAttribute("data-tie");
  twice(button, "再点一次，解除绑定", () => send("POST", "/api/v1/ties/" + tie + "/end", {}).then(() => location.reload()));
});
document.querySelectorAll("[data-end-session]").forEach((button) => {
  const session = button.getAttribute("data-end-session");
  twice(button, "再点一次，退出它", () => send("POST", "/api/v1/sessions/" + session + "/end", {}).then(() => location.reload()));
});
document.querySelectorAll("[data-sign-out]").forEach((button) => {
  const everywhere = button.getAttribute("data-sign-out") === "everywhere";
  twice(button, "再点一次，退出", () => send("POST", "/api/v1/sign-out", { everywhere: everywhere }).then(() => { location.href = "/"; }));
});
