// Last year on this year's form: beginning with its answers, and marks for what was done.

import { send } from "../kernel/api.js";
import { report, say } from "../kernel/base.js";
import { busy, values } from "../kernel/form.js";

const copy = document.querySelector("[data-copy-last]");
if (copy) {
  copy.addEventListener("click", () => {
    busy(copy, "正在取…", () => send("POST", copy.getAttribute("data-copy-last"), {})).then(() => location.reload(), report);
  });
}

const form = document.querySelector("[data-effects]");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = values(form), marks = {};
    Object.keys(given).forEach((item) => { marks[item] = Number(given[item]); });
    if (!Object.keys(marks).length) { say("请至少给一项打分。"); return; }
    busy(form.querySelector("[type=submit]"), "正在交…", () => send("POST", form.getAttribute("data-effects"), { marks: marks }))
      .then(() => location.reload(), report);
  });
}
