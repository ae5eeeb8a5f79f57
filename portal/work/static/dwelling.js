// One household: the contacts behind a look that is written down, and the decision on a waiting claim.

import { report, say } from "../kernel/base.js";
import { send } from "../kernel/api.js";
import { busy, values } from "../kernel/form.js";

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

function fact(title, value) {
  const cell = document.createElement("div");
  cell.className = "cell";
  const main = document.createElement("span");
  main.className = "cell-main";
  main.textContent = title;
  const right = document.createElement("span");
  right.className = "cell-value";
  right.textContent = value;
  cell.appendChild(main);
  cell.appendChild(right);
  return cell;
}

document.querySelectorAll("[data-claim-look]").forEach((button) => {
  button.addEventListener("click", () => {
    busy(button, "正在查看……", () => send("GET", button.getAttribute("data-claim-look"))).then((answer) => {
      answer.claims.forEach((found) => {
        const card = document.querySelector('[data-claim="' + found.claim.id + '"]');
        if (!card) return;
        card.setAttribute("data-mark", found.mark);
        const names = card.querySelector("[data-claim-names]");
        names.textContent = "";
        names.appendChild(fact("他填的姓名", found.claimed_name || "没有填"));
        names.appendChild(fact("名册上对应的人", found.matched_name || "没有对上"));
        names.appendChild(fact("这一户已绑定", found.others + " 人"));
        names.hidden = false;
        card.querySelector("[data-claim-form]").hidden = false;
        card.querySelector("[data-claim-look]").parentNode.hidden = true;
      });
      say("已显示申请人");
    }, report);
  });
});

document.querySelectorAll("[data-claim]").forEach((card) => {
  const path = "/api/v1/work/claims/" + card.getAttribute("data-claim") + "/";
  const form = card.querySelector("[data-claim-form]");
  card.querySelectorAll("[data-decide]").forEach((button) => {
    const what = button.getAttribute("data-decide");
    button.addEventListener("click", () => {
      const body = what === "confirm" ? { mark: card.getAttribute("data-mark"), seen: values(form).seen } : { reason: "stranger" };
      busy(button, "正在提交……", () => send("POST", path + what, body)).then(() => location.reload(), report);
    });
  });
});
