// What was found at this door, with one tap.

import { newKey, send } from "../kernel/api.js";
import { report, say } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

const box = document.querySelector("[data-attempts]");
box.querySelectorAll("[data-outcome]").forEach((button) => {
  button.addEventListener("click", () => {
    const body = { dwelling: box.getAttribute("data-dwelling"), outcome: button.getAttribute("data-outcome") };
    // A key of its own each time: the same may be found again tomorrow.
    busy(button, "正在记…", () => send("POST", box.getAttribute("data-attempts"), body, { key: newKey() }))
      .then(() => { say("记下了"); location.reload(); }, report);
  });
});
