// Asking for reports, and waiting for them.

import { newKey, send } from "../kernel/api.js";
import { busy, showErrors, values } from "../kernel/form.js";

const LOOK_MS = 5000;
const box = document.querySelector("[data-reports]");

if (box) {
  box.querySelectorAll("[data-ask]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = values(form), filters = {}, body = {};
      Object.keys(given).forEach((name) => {
        if (name === "level") filters.level = Number(given.level);
        else if (name === "let" || name === "old") filters[name] = given[name] === "1";
        else if (name === "channel" || name === "building") filters[name] = given[name];
        else body[name] = given[name];
      });
      body.filters = filters;
      const url = box.getAttribute("data-reports") + "/" + form.getAttribute("data-ask");
      // A key of its own each time: the same may be asked again after more have answered.
      busy(form.querySelector("[type=submit]"), "正在要…", () => send("POST", url, body, { key: newKey() }))
        .then((answer) => { location.href = "/work/surveys/reports/" + answer.report; }, (problem) => showErrors(form, problem));
    });
  });
}
if ((box && box.hasAttribute("data-unfinished")) || document.querySelector("[data-report-waits]")) {
  setTimeout(() => location.reload(), LOOK_MS);
}
