// Settling two sheets of one dwelling: which counts, and why.

import { send } from "../kernel/api.js";
import { report, tintChoices } from "../kernel/base.js";
import { busy, showErrors } from "../kernel/form.js";

const box = document.querySelector("[data-settle]");
tintChoices(box);
box.querySelector("[data-do]").addEventListener("click", (event) => {
  const chosen = box.querySelector("input[name=chosen]:checked");
  if (!chosen) return report({ detail: "请先选哪一份算数。" });
  const body = { chosen: chosen.value, reason: box.querySelector("textarea").value };
  return busy(event.target, "正在保存…", () => send("POST", box.getAttribute("data-settle"), body)).then(
    () => { location.href = "/work/surveys/cases"; }, (problem) => (problem.fields ? showErrors(box, problem) : report(problem)));
});
