// A household says of a sheet that others filled in for it: it is right, or what is not.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

const box = document.querySelector("[data-review]");
box.querySelectorAll("[data-opinion]").forEach((button) => {
  button.addEventListener("click", () => {
    const body = { opinion: button.getAttribute("data-opinion"), text: box.querySelector("textarea").value };
    busy(button, "正在提交…", () => send("POST", box.getAttribute("data-url"), body)).then(() => location.reload(), report);
  });
});
