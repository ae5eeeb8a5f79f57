// Forming a body: each elected candidate is one person of the register or left out; one of them leads, some are vices.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";
import { showParts } from "../votes/parts.js";

const form = document.getElementById("body");

const ticked = (name) => Array.from(form.elements).filter((input) => input.name === name && input.checked);

const joins = () => ticked("mode").some((input) => input.value === "join");

function members() {
  const leader = joins() ? null : ticked("leader")[0], vices = joins() ? [] : ticked("vice").map((input) => input.value);
  return Array.from(form.querySelectorAll("[data-elected]")).map((part) => {
    const candidate = part.getAttribute("data-elected");
    const person = ticked("person-" + candidate)[0];
    return {
      candidate: candidate,
      person: person ? person.value : "",
      office: leader && leader.value === candidate ? "leader" : vices.indexOf(candidate) >= 0 ? "vice" : "member",
      shown: Boolean(ticked("shown-" + candidate).length),
    };
  }).filter((member) => member.person);
}

form.addEventListener("change", () => showParts(form));
showParts(form);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const chosen = members(), word = form.querySelector("[data-word]").getAttribute("data-word");
  if (!joins() && !chosen.some((member) => member.office === "leader")) {
    showErrors(form, { status: 422, fields: { leader: ["请在列入的成员里选一名" + word + "。"] } });
    return;
  }
  const body = { vote: form.getAttribute("data-vote"), members: chosen };
  if (!joins()) body.years = Number(form.elements.namedItem("years").value);
  busy(document.getElementById("form-body"), "正在办理…", () => send("POST", joins() ? "/api/v1/bodies/joinings" : "/api/v1/bodies", body))
    .then((made) => { location.href = "/work/bodies/" + made.id; }, (problem) => showErrors(form, problem));
});
