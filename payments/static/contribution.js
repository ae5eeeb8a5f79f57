// Ask back what is too much.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

const ask = document.getElementById("ask-back");
if (ask) {
  ask.addEventListener("click", () => {
    const url = "/api/v1/dwellings/" + ask.getAttribute("data-dwelling") + "/surplus-requests";
    busy(ask, "正在提交…", () => send("POST", url, {})).then(() => location.reload(), report);
  });
}
