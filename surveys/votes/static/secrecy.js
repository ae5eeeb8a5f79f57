// Making a draft secret: the election's public key is pasted, or read from the ceremony's file.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const form = document.getElementById("secrecy");
const keyOf = (text) => {
  try { return JSON.parse(text).public_key || text; } catch (error) { return text; }
};

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const body = { public_key: keyOf(form.elements.namedItem("public_key").value).trim() };
    const url = "/api/v1/votes/" + form.getAttribute("data-vote") + "/election-key";
    busy(form.querySelector("[type=submit]"), "正在保存…", () => send("POST", url, body))
      .then(() => location.reload(), (problem) => showErrors(form, problem));
  });
}
