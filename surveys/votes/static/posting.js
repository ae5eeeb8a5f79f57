// Small forms that post one thing: <form data-post="URL"> sends its values, data-numbers="a b" names those that are
// numbers, data-lists="a" those that are lists, data-next where to go after ("" = the same page, {id} = the answer's id).

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const names = (form, attribute) => (form.getAttribute(attribute) || "").split(" ").filter(Boolean);

function body(form) {
  const found = values(form);
  names(form, "data-numbers").forEach((name) => { if (name in found) found[name] = Number(found[name]); });
  names(form, "data-flags").forEach((name) => { found[name] = Boolean(found[name] && found[name].length); });
  names(form, "data-lists").forEach((name) => { found[name] = [].concat(found[name] || []); });
  return found;
}

document.querySelectorAll("form[data-post]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    busy(form.querySelector("[type=submit]"), "正在办理…", () => send("POST", form.getAttribute("data-post"), body(form)))
      .then((answer) => {
        const next = form.getAttribute("data-next");
        if (next) location.href = next.replace("{id}", (answer && answer.id) || "");
        else location.reload();
      }, (problem) => showErrors(form, problem));
  });
});
