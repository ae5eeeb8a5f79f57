// Two made a visit: naming the second, and his own word, for one visit or for a day's, from his phone or on this one.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, showErrors, values } from "../kernel/form.js";

const all = (selector) => Array.from(document.querySelectorAll(selector));
const again = () => location.reload();
const VISITS = "/api/v1/staff/second-visitors/";

all("[data-asked]").forEach((box) => box.querySelectorAll("[data-word]").forEach((button) => button.addEventListener("click", () => {
  const url = VISITS + box.getAttribute("data-asked") + "/word";
  busy(button, "正在保存…", () => send("POST", url, { word: button.getAttribute("data-word") })).then(again, report);
})));

all("[data-all]").forEach((box) => box.querySelector("[data-confirm]").addEventListener("click", (event) => {
  const visitors = box.getAttribute("data-all").split(" ");
  if (!window.confirm("这 " + visitors.length + " 户您都去了，确定吗？")) return;
  busy(event.target, "正在保存…", () => send("POST", VISITS + "confirmed", { visitors: visitors })).then(again, report);
}));

function onSubmit(attribute, deed) {
  all("[" + attribute + "]").forEach((form) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form.querySelector("[type=submit]"), "正在保存…", () => deed(form.getAttribute(attribute), values(form))).then(
      again, (problem) => (problem.fields ? showErrors(form, problem) : report(problem)));
  }));
}
onSubmit("data-here", (visits, said) => send("POST", VISITS + "confirmed-here", Object.assign({ visitors: visits.split(" ") }, said)));
onSubmit("data-name-second", (url, said) => send("POST", url, said));
