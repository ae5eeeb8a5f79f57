// The organiser's steps: asked once more before each, for none can be taken back.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

document.querySelectorAll("[data-order]").forEach((part) => {
  const ask = part.querySelector("[data-ask]");
  const confirm = part.querySelector("[data-confirm]");
  const act = part.querySelector("[data-do]");
  const show = (asking) => { confirm.hidden = !asking; ask.parentNode.hidden = asking; };
  ask.addEventListener("click", () => { show(true); act.focus(); });
  part.querySelector("[data-cancel]").addEventListener("click", () => { show(false); ask.focus(); });
  act.addEventListener("click", () => {
    busy(act, "正在办理…", () => send("POST", part.getAttribute("data-order"), {})).then(() => location.reload(), (problem) => {
      show(false);
      report(problem);
    });
  });
});
