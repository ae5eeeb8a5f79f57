// Say whether a deposit stays for the next plan.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

const form = document.getElementById("rollover");
const box = form.querySelector("[data-result]");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = form.querySelector("input[name=choice]:checked");
  if (!chosen) {
    box.textContent = "请先选一项：留到下一年，或者退还给您。";
    box.hidden = false;
    return;
  }
  const deposit = form.getAttribute("data-deposit");
  const button = form.querySelector("button[type=submit]");
  busy(button, "正在提交…", () => send("PUT", "/api/v1/deposits/" + deposit + "/rollover", { choice: chosen.value })).then((done) => {
    if (done.choice === "give_back") { location.href = "/refund/" + deposit; return; }
    box.textContent = "记下了：您的诚意金留到下一年。以后想退，随时可以退。";
    box.hidden = false;
    box.scrollIntoView({ block: "center" });
  }, report);
});
