// One household: the contacts behind a look that is written down, and the decision on a waiting claim.

import { report, say } from "../kernel/base.js";
import { send } from "../kernel/api.js";
import { busy } from "../kernel/form.js";

function cellOf(person) {
  const cell = document.createElement(person.phone ? "a" : "div");
  cell.className = "cell";
  if (person.phone) cell.href = "tel:" + person.phone;
  const main = document.createElement("span");
  main.className = "cell-main";
  main.textContent = person.name;
  const small = document.createElement("small");
  small.textContent = person.holding;
  main.appendChild(small);
  const value = document.createElement("span");
  value.className = "cell-value num";
  value.textContent = person.phone || "没有登记电话";
  cell.appendChild(main);
  cell.appendChild(value);
  return cell;
}

const contacts = document.querySelector("[data-contacts]");
const look = document.querySelector("[data-contact-look]");
look.addEventListener("click", () => {
  busy(look, "正在查看……", () => send("POST", contacts.getAttribute("data-contacts"), {})).then((answer) => {
    const list = document.querySelector("[data-contact-list]");
    answer.people.forEach((person) => list.appendChild(cellOf(person)));
    if (!answer.people.length) list.appendChild(cellOf({ name: "名册里没有这一户的联系人", holding: "请联系街道补登", phone: "" }));
    list.hidden = false;
    look.parentNode.hidden = true;
    say("已显示联系人");
  }, report);
});

document.querySelectorAll("[data-claim]").forEach((card) => {
  card.querySelectorAll("[data-decide]").forEach((button) => {
    button.addEventListener("click", () => {
      const what = button.getAttribute("data-decide");
      busy(button, "正在提交……", () => send("POST", "/api/v1/claims/" + card.getAttribute("data-claim") + "/" + what, {}))
        .then(() => location.reload(), report);
    });
  });
});
