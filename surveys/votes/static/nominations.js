// A new call for nominations: seats by building or unit, shares chosen from the usual ones, the size said while filling.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";
import { showParts } from "./parts.js";

const form = document.getElementById("call"), total = document.getElementById("total"), fits = document.getElementById("fits");
const NUMBERS = ["signatures", "list_days", "notice_days", "voting_days"], SHARES = ["spare", "alternates"];
const matter = form.elements.namedItem("matter"), title = form.elements.namedItem("title");

function sections() {
  return Array.from(form.querySelectorAll("[data-seats]")).filter((input) => !input.closest("[hidden]") && Number(input.value) > 0).map((input) => ({
    label: input.getAttribute("data-seats"),
    seats: Number(input.value),
    most: Number(input.value),
    leader: input.getAttribute("data-kind") === "leader",
  }));
}

function count() {
  const chosen = matter.options[matter.selectedIndex], low = Number(chosen.getAttribute("data-low")), high = Number(chosen.getAttribute("data-high"));
  const seats = sections().reduce((sum, section) => sum + section.seats, 0);
  total.textContent = seats;
  fits.textContent = seats >= low && seats <= high && seats % 2 ? "，合适" : "；应是 " + low + " 到 " + high + " 之间的单数";
}

// The title follows what is elected until somebody writes another.
let offered = "";
function offer() {
  const next = matter.options[matter.selectedIndex].getAttribute("data-title");
  if (title.value === offered) title.value = next;
  offered = next;
}

function share(body, name) {
  const chosen = body[name] || "0/1", own = chosen === "own";
  body[name + "_num"] = Number(own ? body[name + "_num"] : chosen.split("/")[0]);
  body[name + "_den"] = Number(own ? body[name + "_den"] : chosen.split("/")[1]);
  delete body[name];
}

form.addEventListener("input", count);
form.addEventListener("change", () => { showParts(form); offer(); count(); });
showParts(form);
offer();
count();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const body = values(form), fields = {};
  body.sections = sections();
  if (!body.sections.length) fields.sections = ["请填应选人数。"];
  ["title", "until"].forEach((name) => { if (!body[name]) fields[name] = ["这一项要填。"]; });
  SHARES.forEach((name) => { if (body[name] === "own" && !(Number(body[name + "_den"]) > 0)) fields[name] = ["请填几分之几。"]; });
  if (Object.keys(fields).length) return showErrors(form, { status: 422, fields: fields });
  body.place = form.getAttribute("data-place");
  NUMBERS.forEach((name) => { body[name] = Number(body[name]); });
  SHARES.forEach((name) => share(body, name));
  body.until += ":00+08:00";
  return busy(document.getElementById("open-call"), "正在办理…", () => send("POST", "/api/v1/nominations", body))
    .then((call) => { location.href = "/work/elections/" + call.id; }, (problem) => showErrors(form, problem));
});
