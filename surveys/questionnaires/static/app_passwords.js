// Making an app password and taking one back. The password is put on the page as text and kept nowhere.

import { send } from "../kernel/api.js";
import { busy, showErrors, values } from "../kernel/form.js";
import { report } from "../kernel/base.js";

const SVG = "http://www.w3.org/2000/svg";

function drawCode(place, code) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 " + code.side + " " + code.side);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", "ODK Collect 的设置码");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", code.path);
  picture.appendChild(path);
  place.textContent = "";
  place.appendChild(picture);
}

function show(made) {
  const card = document.querySelector("[data-made]");
  card.querySelector("[data-server]").textContent = made.server;
  card.querySelector("[data-username]").textContent = made.username;
  card.querySelector("[data-password]").textContent = made.password;
  drawCode(card.querySelector("[data-code]"), made.settings_qr);
  card.hidden = false;
  card.focus();
}

const form = document.querySelector("[data-make]");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form.querySelector("[type=submit]"), "正在新建…", () => send("POST", "/api/v1/work/app-passwords", values(form))
      .then((made) => { form.hidden = true; show(made); }, (problem) => showErrors(form, problem)));
  });
}

// Asks once more on the button itself; a second tap within eight seconds says yes.
Array.from(document.querySelectorAll("[data-revoke]")).forEach((button) => {
  let asked = 0;
  button.addEventListener("click", () => {
    if (Date.now() - asked > 8000) {
      asked = Date.now();
      button.textContent = "再点一次，收回（没上传的表请先上传）";
      setTimeout(() => { if (!button.disabled) button.textContent = "收回"; }, 8000);
      return;
    }
    busy(button, "正在收回…", () => send("DELETE", "/api/v1/work/app-passwords/" + button.getAttribute("data-revoke"))
      .then(() => window.location.reload())).catch(report);
  });
});
