// Drafting a vote: one or several matters on one paper, at one place or (each assembly by itself) at several. An
// election's candidates are written one a line: name, blank, note.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const form = document.getElementById("draft");
const field = (name) => form.querySelector('[name="' + name + '"]');
const all = (name) => Array.from(form.querySelectorAll('[name="' + name + '"]'));
const chosen = (select) => select.options[select.selectedIndex];
const isElection = () => chosen(field("matter")).getAttribute("data-form") === "election";
const places = () => all("places").filter((box) => box.checked).map((box) => box.value);

function choose(event) {
  const select = event ? event.target : field("matter");
  select.parentNode.querySelector("[data-rule-text]").textContent = chosen(select).getAttribute("data-rule") || "";
  document.querySelector("[data-election]").hidden = !isElection();
  const days = chosen(field("matter")).getAttribute("data-days");
  if (days && select === field("matter")) field("notice_days").value = days;
}

function more() {
  const block = form.querySelector("[data-motion]").cloneNode(true), number = form.querySelectorAll("[data-motion]").length + 1;
  block.querySelectorAll("[id]").forEach((part) => { part.id += "-" + number; });
  block.querySelectorAll("[for]").forEach((part) => { part.setAttribute("for", part.getAttribute("for") + "-" + number); });
  block.querySelectorAll("[aria-describedby]").forEach((part) => { part.setAttribute("aria-describedby", part.getAttribute("aria-describedby") + "-" + number); });
  block.querySelectorAll("input, textarea").forEach((input) => { input.value = ""; });
  block.querySelector("[data-rule-text]").textContent = "";
  block.querySelector("select").selectedIndex = 0;
  block.querySelector("select").addEventListener("change", choose);
  form.querySelector("[data-motions]").appendChild(block);
  block.querySelector("select").focus();
}

function missing() {
  const fields = {};
  ["matter", "title", "motion", "notice_days", "voting_days"].concat(isElection() ? ["candidates", "seats", "most"] : []).forEach((name) => {
    if (all(name).some((input) => !input.value.trim())) fields[name] = ["这一项要填。"];
  });
  if (!field("place").value && places().length < 2) fields.place = ["请选小区，或者勾选合并表决的几个小区。"];
  return fields;
}

function candidates() {
  return field("candidates").value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const parts = line.match(/^([^\s,，、]+)[\s,，、]*(.*)$/);
    return { name: parts ? parts[1] : line, note: parts ? parts[2] : "" };
  });
}

function motions() {
  return Array.from(form.querySelectorAll("[data-motion]")).map((block, at) => {
    const value = (name) => block.querySelector('[name="' + name + '"]').value.trim();
    const motion = { matter: value("matter"), title: value("motion"), text: value("text") };
    if (at === 0 && isElection()) {
      motion.candidates = candidates();
      motion.seats = Number(field("seats").value);
      motion.most = Number(field("most").value);
    }
    return motion;
  });
}

function body() {
  const several = places();
  const made = {
    title: field("title").value.trim(),
    intro: field("intro").value.trim(),
    motions: motions(),
    notice_days: Number(field("notice_days").value),
    voting_days: Number(field("voting_days").value),
    headcount: all("headcount").find((choice) => choice.checked).value,
    include_parking: field("include_parking").checked,
  };
  if (several.length > 1) made.places = several;
  else made.place = field("place").value;
  return made;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const fields = missing();
  if (Object.keys(fields).length) {
    showErrors(form, { status: 422, fields: fields });
    return;
  }
  const made = body();
  busy(document.getElementById("save"), "正在保存…", () => send("POST", made.places ? "/api/v1/vote-clusters" : "/api/v1/votes", made))
    .then((vote) => { location.href = "/work/votes/" + (vote.assemblies ? vote.assemblies[0].vote : vote.id); }, (problem) => showErrors(form, problem));
});
const narrow = document.querySelector("[data-narrow]");
if (narrow) field("place").addEventListener("change", () => { narrow.href = "/work/votes/new?estate=" + encodeURIComponent(field("place").value); });
field("matter").addEventListener("change", choose);
document.getElementById("more").addEventListener("click", more);
choose();
