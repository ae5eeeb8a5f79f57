// Forming a group: each elected candidate is one person of the register or left out; one of them leads.

import { send } from "../kernel/api.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const form = document.getElementById("group");

const ticked = (name) => Array.from(form.elements).filter((input) => input.name === name && input.checked)[0];

function members() {
  const leader = ticked("leader");
  return Array.from(form.querySelectorAll("[data-elected]")).map((part) => {
    const candidate = part.getAttribute("data-elected");
    const person = ticked("person-" + candidate);
    return {
      candidate: candidate,
      person: person ? person.value : "",
      leader: Boolean(leader && leader.value === candidate),
      shown: Boolean(ticked("shown-" + candidate)),
    };
  }).filter((member) => member.person);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  const chosen = members();
  if (!chosen.some((member) => member.leader)) {
    showErrors(form, { status: 422, fields: { leader: ["请在列入的成员里选一名组长。"] } });
    return;
  }
  const body = { vote: form.getAttribute("data-vote"), years: Number(form.elements.namedItem("years").value), members: chosen };
  busy(document.getElementById("form-group"), "正在办理…", () => send("POST", "/api/v1/groups", body))
    .then((group) => { location.href = "/work/groups/" + group.id; }, (problem) => showErrors(form, problem));
});
