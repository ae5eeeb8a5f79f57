// Sheets of paper signatures: rows of door and name, more of them on demand; and the second person's check.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";
import { evidenceOf } from "../kernel/evidence.js";

const STEP = 5;

function more(form) {
  const box = form.querySelector("[data-lines]"), rows = box.querySelectorAll("[data-line]"), last = rows[rows.length - 1];
  for (let i = 1; i <= STEP; i += 1) {
    const row = last.cloneNode(true), nth = rows.length + i;
    row.querySelector("span").textContent = "第 " + nth + " 行";
    Array.from(row.querySelectorAll("input")).forEach((input) => {
      input.value = "";
      input.setAttribute("aria-label", "第 " + nth + " 行" + (input.name === "door" ? "房号" : "姓名"));
    });
    box.appendChild(row);
  }
}

function linesOf(form) {
  return Array.from(form.querySelectorAll("[data-line]")).map((row) => ({
    door: row.querySelector("[name=door]").value.trim(),
    name: row.querySelector("[name=name]").value.trim(),
  })).filter((line) => line.door || line.name);
}

const chosen = (form, name) => Array.from(form.elements).filter((input) => input.name === name && input.checked).map((input) => input.value);

function post(form, url, body, go) {
  busy(form.querySelector("[type=submit]"), "正在办理…", () => send("POST", url, body)).then((made) => {
    if (go) location.href = go.replace("{id}", made.id);
    else location.reload();
  }, (problem) => showErrors(form, problem));
}

document.querySelectorAll("form[data-signatures]").forEach((form) => {
  form.querySelector("[data-more]").addEventListener("click", () => more(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const lines = linesOf(form), reason = form.elements.namedItem("reason");
    if (!lines.length || lines.some((line) => !line.door || !line.name)) {
      showErrors(form, { status: 422, fields: { lines: ["每一行都要填房号和姓名，至少一行。"] } });
      return;
    }
    const body = { lines: lines, evidence: evidenceOf(form, "evidence") };
    if (reason) Object.assign(body, { reason: reason.value.trim(), candidates: chosen(form, "candidates") });
    post(form, form.getAttribute("data-signatures"), body, form.getAttribute("data-go"));
  });
});

document.querySelectorAll("form[data-sheet]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const body = { refused: chosen(form, "refused").map(Number), why: form.elements.namedItem("why").value.trim() };
    post(form, form.getAttribute("data-sheet"), body, "");
  });
});
