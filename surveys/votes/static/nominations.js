// A new call for nominations: sections are written one a line, "name seats"; 组长 is the leader, elected directly.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";

const form = document.getElementById("call");
const NUMBERS = ["spare_num", "spare_den", "signatures", "alternates_num", "alternates_den", "list_days", "notice_days", "voting_days"];

function sections(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const parts = /^(.*?)[\s,，、]*(\d{1,2})$/.exec(line);
    const label = parts ? parts[1].trim() : line, seats = parts ? Number(parts[2]) : 0;
    return { label: label, seats: seats, most: seats, leader: label === "组长" };
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const body = values(form), fields = {};
  ["place", "matter", "title", "until", "sections"].forEach((name) => { if (!body[name]) fields[name] = ["这一项要填。"]; });
  if (Object.keys(fields).length) return showErrors(form, { status: 422, fields: fields });
  NUMBERS.forEach((name) => { body[name] = Number(body[name]); });
  body.sections = sections(body.sections);
  body.until += ":00+08:00";
  return busy(document.getElementById("open-call"), "正在办理…", () => send("POST", "/api/v1/nominations", body))
    .then((call) => { location.href = "/work/elections/" + call.id; }, (problem) => showErrors(form, problem));
});
