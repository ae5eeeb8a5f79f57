// Forms: values out, errors of a problem answer back beside their fields, a button that cannot be tapped twice.

import { report } from "./base.js";

// {name: value}; several boxes of one name give a list. Empty texts are left out.
export function values(form) {
  const out = {};
  Array.from(form.elements).forEach((element) => {
    if (!element.name || element.disabled) return;
    if (element.type === "checkbox") {
      out[element.name] = (out[element.name] || []).concat(element.checked ? [element.value] : []);
    } else if (element.type === "radio") {
      if (element.checked) out[element.name] = element.value;
    } else if (element.value.trim() !== "") out[element.name] = element.value.trim();
  });
  return out;
}

export function clearErrors(form) {
  form.querySelectorAll(".error").forEach((line) => line.parentNode.removeChild(line));
  form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
}

// Puts each text under [data-field=name] (or the input's parent) and moves to the first. What has no field goes on top.
export function showErrors(form, problem) {
  clearErrors(form);
  let first = null;
  Object.keys(problem.fields || {}).forEach((name) => {
    const wanted = name.split(".").pop();
    const input = Array.from(form.elements).find((element) => element.name === wanted);
    const place = Array.from(form.querySelectorAll("[data-field]")).find((box) => box.getAttribute("data-field") === wanted) || (input ? input.parentNode : null);
    if (!place) return;
    const line = document.createElement("p");
    line.className = "error";
    line.id = "e-" + wanted;
    line.textContent = [].concat(problem.fields[name]).join("；");
    place.appendChild(line);
    if (input) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", line.id);
    }
    first = first || input || place;
  });
  if (first && first.focus) first.focus();
  if (!first || problem.status === 401) report(problem);
}

// Runs work() once: the button rests and says so until it ends.
export function busy(button, word, work) {
  if (button.disabled) return Promise.resolve();
  const label = button.textContent;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  button.textContent = word;
  const rest = () => { button.disabled = false; button.removeAttribute("aria-busy"); button.textContent = label; };
  return work().then((value) => { rest(); return value; }, (error) => { rest(); throw error; });
}
