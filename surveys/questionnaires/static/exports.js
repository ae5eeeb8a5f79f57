// Asking for a file of the answers, and looking at how far it is until it can be fetched.

import { newKey, send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

const LOOK_MS = 3000;
const box = document.querySelector("[data-exports]");
const url = "/api/v1/staff/campaigns/" + box.getAttribute("data-exports") + "/exports";
const reload = () => location.reload();

box.querySelectorAll("[data-format]").forEach((button) => {
  button.addEventListener("click", () => {
    const body = { format: button.getAttribute("data-format"), named: button.getAttribute("data-named") === "yes" };
    // A key of its own each time: the same file may be wanted again after more have answered.
    busy(button, "正在排队…", () => send("POST", url, body, { key: newKey() })).then(reload, report);
  });
});

function look() {
  send("GET", url).then((answer) => {
    answer.exports.forEach((one) => {
      const cell = box.querySelector("[data-export='" + one.export + "']");
      const bar = cell && cell.querySelector("progress");
      if (bar) { bar.max = one.row_count || 1; bar.value = one.done_count; }
    });
    if (answer.exports.some((one) => one.state === "waiting" || one.state === "making")) setTimeout(look, LOOK_MS);
    else reload();
  }, () => setTimeout(look, LOOK_MS));
}
if (box.hasAttribute("data-unfinished")) setTimeout(look, LOOK_MS);
