// One paper at a worker's desk: keyed, and decided where two keyings differ.

import { send } from "../kernel/api.js";
import { alertText, report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const ALONE = ["none", "spoilt"];

function post(form, url, body) {
  clearErrors(form);
  busy(form.querySelector("[type=submit]"), "正在保存…", () => send("POST", url, body))
    .then(() => location.reload(), (problem) => (Object.keys(problem.fields || {}).length ? showErrors(form, problem) : report(problem)));
}

function onSubmit(form, work) {
  form.addEventListener("submit", (event) => { event.preventDefault(); work(); });
}

// "Nobody" and "spoilt" stand alone; a name takes them away.
function onTick(event) {
  const input = event.target;
  if (input.type !== "checkbox" || !input.checked) return;
  const alone = ALONE.indexOf(input.value) >= 0;
  Array.from(input.form.elements).forEach((other) => {
    if (other.name === input.name && other !== input && (alone || ALONE.indexOf(other.value) >= 0)) {
      other.checked = false;
      other.closest(".choice").classList.remove("on");
    }
  });
}

document.querySelectorAll("form[data-keying]").forEach((form) => {
  form.addEventListener("change", onTick);
  onSubmit(form, () => {
    const found = values(form), choices = {}, names = [];
    form.querySelectorAll("fieldset input").forEach((input) => { if (names.indexOf(input.name) < 0) names.push(input.name); });
    const open = names.filter((name) => !found[name] || !found[name].length);
    if (open.length) {
      alertText("还有 " + open.length + " 处没有录，请照纸上的录完。");
      return;
    }
    names.filter((name) => name !== "signed").forEach((name) => {
      const given = found[name];
      if (typeof given === "string") choices[name] = given;
      else choices[name] = given[0] === "spoilt" ? "spoilt" : given.filter((value) => value !== "none");
    });
    post(form, form.getAttribute("data-keying"), { choices: choices, signed: found.signed === "yes" });
  });
});

document.querySelectorAll("form[data-deciding]").forEach((form) => onSubmit(form, () => {
  const found = values(form), decided = {};
  Object.keys(found).forEach((name) => {
    const value = JSON.parse(found[name]);
    decided[name] = typeof value === "boolean" ? (value ? "yes" : "no") : value;
  });
  post(form, form.getAttribute("data-deciding"), { decided: decided });
}));
