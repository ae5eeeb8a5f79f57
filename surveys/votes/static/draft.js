// Drafting a vote with one matter. An election's candidates are written one a line: name, blank, note.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const form = document.getElementById("draft");
const field = (name) => form.elements.namedItem(name);
const matter = () => field("matter").options[field("matter").selectedIndex];
const isElection = () => matter().getAttribute("data-form") === "election";

function choose() {
  document.querySelector("[data-rule-text]").textContent = matter().getAttribute("data-rule") || "";
  document.querySelector("[data-election]").hidden = !isElection();
  const days = matter().getAttribute("data-days");
  if (days) field("notice_days").value = days;
}

function missing() {
  const fields = {};
  ["place", "matter", "title", "motion", "notice_days", "voting_days"].concat(isElection() ? ["candidates", "seats", "most"] : []).forEach((name) => {
    if (!field(name).value.trim()) fields[name] = ["这一项要填。"];
  });
  return fields;
}

function candidates() {
  return field("candidates").value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const parts = line.match(/^([^\s,，、]+)[\s,，、]*(.*)$/);
    return { name: parts ? parts[1] : line, note: parts ? parts[2] : "" };
  });
}

function body() {
  const motion = { matter: field("matter").value, title: field("motion").value.trim() };
  if (isElection()) {
    motion.candidates = candidates();
    motion.seats = Number(field("seats").value);
    motion.most = Number(field("most").value);
  }
  return {
    place: field("place").value,
    title: field("title").value.trim(),
    intro: field("intro").value.trim(),
    motions: [motion],
    notice_days: Number(field("notice_days").value),
    voting_days: Number(field("voting_days").value),
  };
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const fields = missing();
  if (Object.keys(fields).length) {
    showErrors(form, { status: 422, fields: fields });
    return;
  }
  busy(document.getElementById("save"), "正在保存…", () => send("POST", "/api/v1/votes", body()))
    .then((vote) => { location.href = "/work/votes/" + vote.id; }, (problem) => showErrors(form, problem));
});
field("matter").addEventListener("change", choose);
choose();
