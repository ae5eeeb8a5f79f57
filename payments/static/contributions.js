// Staff: write a budget, publish or withdraw it, enter what is too much.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";

const reload = () => location.reload();

document.querySelectorAll("[data-budget]").forEach((card) => {
  const url = "/api/v1/budgets/" + card.getAttribute("data-budget") + "/decision";
  card.querySelectorAll("[data-agree]").forEach((button) => {
    const body = { agree: button.getAttribute("data-agree") === "yes" };
    button.addEventListener("click", () => { busy(button, "正在办理…", () => send("POST", url, body)).then(reload, report); });
  });
});

const remind = document.getElementById("remind");
if (remind) {
  remind.addEventListener("click", () => {
    const url = "/api/v1/estates/" + remind.getAttribute("data-estate") + "/contribution-reminders";
    busy(remind, "正在发送…", () => send("POST", url, {})).then(reload, report);
  });
}

const save = document.getElementById("save-most");
if (save) {
  save.addEventListener("click", () => {
    const most = document.getElementById("most");
    const url = "/api/v1/estates/" + most.getAttribute("data-estate") + "/contribution-reminders";
    busy(save, "正在保存…", () => send("PUT", url, { most: parseInt(most.value, 10) })).then(reload, report);
  });
}

const surplus = document.getElementById("surplus");
if (surplus) {
  surplus.addEventListener("click", () => {
    const url = "/api/v1/estates/" + surplus.getAttribute("data-estate") + "/surplus-requests";
    busy(surplus, "正在登记…", () => send("POST", url, {})).then(reload, report);
  });
}

// "1,200,000" or "300.5" -> fen as a whole number; anything else -> null. No floats on the way.
function fenFrom(text) {
  const plain = text.replace(/[,，\s]/g, "").replace("。", ".");
  const parts = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(plain);
  return parts ? parseInt(parts[1] + ((parts[2] || "") + "00").slice(0, 2), 10) : null;
}

function yuan(fen) {
  const text = String(fen).padStart(3, "0");
  return text.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + text.slice(-2);
}

const form = document.getElementById("budget");
if (form) {
  const list = form.querySelector("[data-costs]");
  const total = form.querySelector("[data-total]");
  const costs = () => Array.from(list.querySelectorAll("[data-cost]")).map((row) => ({
    name: row.querySelector("[data-name]").value.trim(),
    amount_fen: fenFrom(row.querySelector("[data-amount]").value),
    scope: row.querySelector("[data-scope]").value.trim(),
    how: { method: row.querySelector("[data-method]").value },
  }));
  const sum = () => costs().reduce((so, cost) => so + (cost.amount_fen || 0), 0);
  list.addEventListener("input", () => { total.textContent = "合计 " + yuan(sum()) + " 元"; });
  document.getElementById("add-cost").addEventListener("click", () => {
    const row = list.querySelector("[data-cost]").cloneNode(true);
    row.querySelectorAll("input").forEach((input) => { input.value = ""; });
    list.appendChild(row);
    row.querySelector("input").focus();
  });
  // A file as a person writes it: yuan as text. The same is read by `flask collection apportion`.
  const how = (said) => {
    const made = Object.assign({}, said);
    if (said.amounts) {
      made.amounts = {};
      Object.keys(said.amounts).forEach((door) => { made.amounts[door] = fenFrom(String(said.amounts[door])); });
    }
    if (said.parts) made.parts = said.parts.map(how);
    return made;
  };
  let filed = null;
  document.getElementById("budget-file").addEventListener("change", async (event) => {
    filed = null;
    const file = event.target.files[0];
    if (!file) return;
    try {
      const said = JSON.parse(await file.text());
      filed = {
        costs: said.costs.map((cost) => ({ name: cost.name, amount_fen: fenFrom(String(cost.yuan)), scope: cost.scope || "", how: how(cost.how) })),
        exemptions: said.exemptions || [],
        borne_by: said.borne_by || "fund",
      };
      total.textContent = "文件里 " + filed.costs.length + " 项费用，合计 " + yuan(filed.costs.reduce((so, cost) => so + (cost.amount_fen || 0), 0)) + " 元";
    } catch {
      filed = null;
      total.textContent = "这个文件看不懂。请对照格式检查。";
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const asked = filed ? filed.costs : costs();
    if (asked.some((cost) => !cost.name || !cost.amount_fen)) {
      total.textContent = "请把每项费用的名称和金额写全，金额例如 1200000 或 300.50。";
      return;
    }
    const body = { title: form.elements.title.value, why: form.elements.why.value, costs: asked, total_fen: asked.reduce((so, cost) => so + cost.amount_fen, 0),
      exemptions: filed ? filed.exemptions : [], borne_by: filed ? filed.borne_by : "fund" };
    const button = form.querySelector("button[type=submit]");
    const url = "/api/v1/estates/" + form.getAttribute("data-estate") + "/budgets";
    busy(button, "正在计算…", () => send("POST", url, body)).then(reload, (problem) => { showErrors(form, problem); report(problem); });
  });
}
