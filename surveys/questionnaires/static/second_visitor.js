// Two made a visit: naming the second, and his own word, from his phone or on this one.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, showErrors, values } from "../kernel/form.js";

const all = (selector) => Array.from(document.querySelectorAll(selector));
const again = () => location.reload();

all("[data-asked]").forEach((box) => box.querySelectorAll("[data-word]").forEach((button) => button.addEventListener("click", () => {
  const url = "/api/v1/staff/second-visitors/" + box.getAttribute("data-asked") + "/word";
  busy(button, "正在保存…", () => send("POST", url, { word: button.getAttribute("data-word") })).then(again, report);
})));

function onSubmit(attribute) {
  all("[" + attribute + "]").forEach((form) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form.querySelector("[type=submit]"), "正在保存…", () => send("POST", form.getAttribute(attribute), values(form))).then(
      again, (problem) => (problem.fields ? showErrors(form, problem) : report(problem)));
  }));
}
onSubmit("data-here");
onSubmit("data-name-second");
