// Staff write a budget: every method in words, or a workbook; reckoned door by door before it is proposed.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";
import { yuan } from "./amounts.js";

const form = document.getElementById("budget");

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text || "";
  if (className) made.className = className;
  return made;
}

if (form) {
  const list = form.querySelector("[data-costs]");
  const status = form.querySelector("[data-total]");
  const shown = form.querySelector("[data-draft]");
  const borne = document.getElementById("b-borne");
  const exempt = form.querySelector("[data-exemptions]");
  const estate = form.getAttribute("data-estate");
  const rows = () => Array.from(list.querySelectorAll("[data-cost]"));
  const part = (row, name) => row.querySelector("[data-" + name + "]");
  let draft = null;

  // What a method asks for is asked only where it is needed; what was reckoned before a change no longer counts.
  const settle = () => {
    rows().forEach((row) => {
      const hint = part(row, "method").selectedOptions[0].getAttribute("data-hint");
      part(row, "detail").hidden = !hint;
      part(row, "says").textContent = hint;
      part(row, "less").hidden = rows().length < 2;
    });
    draft = null;
    shown.hidden = true;
  };
  form.addEventListener("input", settle);
  form.addEventListener("change", settle);
  list.addEventListener("click", (event) => {
    if (event.target.closest("[data-remove]")) {
      event.target.closest("[data-cost]").remove();
      settle();
    }
  });

  const addRow = () => {
    const row = rows()[0].cloneNode(true);
    row.querySelectorAll("input, textarea").forEach((input) => { input.value = ""; });
    list.appendChild(row);
    settle();
    return row;
  };
  document.getElementById("add-cost").addEventListener("click", () => { addRow().querySelector("input").focus(); });

  const written = () => ({
    costs: rows().map((row) => ({
      name: part(row, "name").value.trim(), yuan: part(row, "amount").value.trim(), scope: part(row, "scope").value,
      method: part(row, "method").value, settings: part(row, "detail").hidden ? "" : part(row, "settings").value,
    })),
    // A door, a percentage, and the rest of the line is the reason.
    exemptions: exempt.value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
      const parts = /^(\S+)\s+(\S+)\s*(.*)$/.exec(line) || [line, line, "", ""];
      return { door: parts[1], percent: parts[2], why: parts[3] };
    }),
    borne_by: borne.value,
  });

  const show = (found) => {
    shown.textContent = "";
    shown.hidden = false;
    const changes = found.top_up_fen || found.back_fen ? "；补缴共 " + yuan(found.top_up_fen) + " 元，应退共 " + yuan(found.back_fen) + " 元" : "";
    status.textContent = "合计 " + yuan(found.total_fen) + " 元，" + found.doors.length + " 户分摊 " + yuan(found.due_fen) + " 元" + (found.fund_fen ? "，资金承担 " + yuan(found.fund_fen) + " 元" : "") + changes + "。还没有提交。";
    const details = element("details");
    details.appendChild(element("summary", "每户的份额和算式（" + found.doors.length + " 户）", "tap"));
    found.doors.forEach((door) => {
      const line = element("p");
      line.appendChild(element("strong", door.label + "：" + yuan(door.due_fen) + " 元"));
      if (door.word) line.appendChild(element("span", "（" + door.word + (door.change_fen ? " " + yuan(door.change_fen) + " 元" : "") + "）"));
      door.lines.forEach((one) => { line.appendChild(element("br")); line.appendChild(element("span", one.name + " " + yuan(one.amount_fen).replace("--", "-") + "：" + one.words, "sub num")); });
      details.appendChild(line);
    });
    details.open = found.doors.length <= 12;
    shown.appendChild(details);
  };

  const reckon = (button) => busy(button, "正在计算…", () => send("POST", "/api/v1/estates/" + estate + "/budget-drafts", written())).then((found) => {
    show(found);
    draft = found;
    return found;
  });
  const refuse = (problem) => { status.textContent = problem.detail; showErrors(form, problem); };
  document.getElementById("reckon").addEventListener("click", (event) => { clearErrors(form); reckon(event.currentTarget).catch(refuse); });

  document.getElementById("budget-file").addEventListener("change", (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const body = new FormData();
    body.append("file", file);
    send("POST", "/api/v1/budget-files", body).then((said) => {
      rows().slice(1).forEach((row) => row.remove());
      said.costs.forEach((cost, at) => {
        const row = at ? addRow() : rows()[0];
        part(row, "name").value = cost.name;
        part(row, "amount").value = cost.yuan;
        const scope = part(row, "scope");
        const wanted = cost.scope.replace("全小区", "").replace(/单元$/, "").replace(/(栋|座|幢|楼)\s*[/／]?\s*(?=\d+$)/, "$1/");
        if (!Array.from(scope.options).some((option) => option.value === wanted)) scope.appendChild(new Option(cost.scope, cost.scope));
        scope.value = Array.from(scope.options).some((option) => option.value === wanted) ? wanted : cost.scope;
        const method = part(row, "method");
        if (!Array.from(method.options).some((option) => option.value === cost.method)) method.appendChild(new Option(cost.method, cost.method));
        method.value = cost.method;
        method.selectedOptions[0].setAttribute("data-hint", method.selectedOptions[0].getAttribute("data-hint") || (cost.settings ? " " : ""));
        part(row, "settings").value = cost.settings;
      });
      exempt.value = said.exemptions.map((one) => one.door + " " + one.percent + " " + one.why).join("\n");
      settle();
      status.textContent = "表格里 " + said.costs.length + " 项费用、" + said.exemptions.length + " 户减免，已经填在下面。请看一遍，再先算一算。";
    }, refuse).then(() => { event.target.value = ""; });
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const button = form.querySelector("button[type=submit]");
    const propose = (found) => busy(button, "正在提交…", () => send("POST", "/api/v1/estates/" + estate + "/budgets", {
      title: form.elements.title.value.trim(), why: form.elements.why.value.trim(), costs: found.costs, exemptions: found.exemptions, borne_by: found.borne_by, total_fen: found.total_fen,
    }));
    // What is proposed is what was reckoned last; what was not reckoned yet is reckoned now.
    (draft ? Promise.resolve(draft) : reckon(button)).then(propose).then(() => location.reload(), (problem) => { refuse(problem); report(problem); });
  });
  settle();
}
