// A form that is sent as JSON: <form data-send="/api/v1/…" data-go="/work/…"> … a submit button.
// data-as on an input says what its text becomes: area (㎡ -> 0.01 ㎡), number, lines (list), owners ("姓名 电话" a
// line), flag, instant (datetime-local, China's time), nullable ("-" is none). Photos of an evidence field go as ids.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";
import { evidenceOf } from "../kernel/evidence.js";
import { showParts } from "./parts.js";

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const READ = {
  area: (text) => { const whole = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(text.replace(/,/g, "")); return whole ? Number(whole[1]) * 100 + Number(((whole[2] || "") + "00").slice(0, 2)) : 0; },
  number: (text) => Number(text),
  lines: lines,
  owners: (text) => lines(text).map((line) => {
    const phone = /[0-9+-]{5,20}$/.exec(line);
    return { name: (phone ? line.slice(0, phone.index) : line).trim(), phone: phone ? phone[0] : null };
  }),
  instant: (text) => text + ":00+08:00",
  nullable: (text) => (text === "-" ? null : text),
};

function bodyOf(form) {
  const body = {};
  Array.from(form.elements).forEach((input) => {
    if (!input.name || input.disabled || input.type === "file" || (input.closest("[hidden]") && input.type !== "hidden")) return;
    if (input.type === "radio" && !input.checked) return;
    const as = input.getAttribute("data-as"), text = input.value.trim();
    if (input.type === "checkbox") {
      if (as === "flag") body[input.name] = input.checked;
      else body[input.name] = (body[input.name] || []).concat(input.checked ? [input.value] : []);
    } else if (text !== "" && !(input.type === "radio" && text === "-")) body[input.name] = READ[as] ? READ[as](text) : text;
  });
  form.querySelectorAll("[data-evidence]").forEach((box) => {
    const name = box.getAttribute("data-field"), ids = evidenceOf(form, name);
    if (ids.length) body[name] = ids;
  });
  return body;
}

document.querySelectorAll("form[data-send]").forEach((form) => {
  form.addEventListener("change", () => showParts(form));
  showParts(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    busy(form.querySelector("[type=submit]"), "正在办理…", () => send("POST", form.getAttribute("data-send"), bodyOf(form))).then((made) => {
      const go = form.getAttribute("data-go");
      if (go) location.href = go.replace("{id}", made && made.id ? made.id : "");
      else location.reload();
    }, (problem) => showErrors(form, problem));
  });
});
