// Letting a campaign go on with a corrected wording: what became of each question and option that has no namesake is
// asked here, and everything is sent back as one mapping. The server refuses what is left unsaid.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy, values } from "../kernel/form.js";
import { element } from "./kinds.js";

const form = document.querySelector("[data-correct]");
const given = JSON.parse(form.getAttribute("data-given"));
const place = form.querySelector("[data-mapping]"), problems = form.querySelector("[data-problems]");
const find = (list, code) => list.filter((one) => one.code === code)[0];
let mapping = null;

function select(label, list, chosen, changed) {
  const box = element("select", { class: "input", "aria-label": label });
  list.forEach((one) => box.appendChild(element("option", { value: one[0], selected: one[0] === (chosen || "") }, one[1])));
  box.addEventListener("change", () => changed(box.value || null));
  return element("div", { class: "field" }, element("p", { class: "label" }, label), box);
}

const without = (list, taken) => list.filter((code) => taken.indexOf(code) < 0);
const targets = (map) => Object.keys(map).map((key) => map[key]).filter(Boolean);

// The parts of a question that was mapped: equal codes meet, the rest is asked.
function partsOf(code, target) {
  const old = find(given.before, code), fresh = find(given.after, target), made = {};
  old.parts.forEach((part) => { made[part.code] = find(fresh.parts, part.code) ? part.code : null; });
  return made;
}

function draw() {
  while (place.firstChild) place.removeChild(place.firstChild);
  let asked = 0;
  given.before.forEach((old) => {
    const target = mapping.questions[old.code];
    const free = given.after.filter((one) => one.kind === old.kind && (one.code === target || targets(mapping.questions).indexOf(one.code) < 0));
    if (target === null || target !== old.code) {
      asked += 1;
      place.appendChild(select("“" + old.title + "”变成了", [["", "不再问，旧答案不再统计"]].concat(free.map((one) => [one.code, one.title + "（" + one.code + "）"])), target, (value) => {
        mapping.questions[old.code] = value;
        if (value) mapping.options[old.code] = partsOf(old.code, value);
        else delete mapping.options[old.code];
        draw();
      }));
    }
    if (!target) return;
    const parts = mapping.options[old.code] || {}, fresh = find(given.after, target);
    Object.keys(parts).forEach((part) => {
      if (parts[part] === part && find(fresh.parts, part)) return;
      asked += 1;
      place.appendChild(select("“" + old.title + "”里的“" + find(old.parts, part).label + "”变成了", [["", "没有了，旧答案不再统计"]].concat(fresh.parts.map((one) => [one.code, one.label])), parts[part], (value) => { parts[part] = value; }));
    });
  });
  if (!asked) place.appendChild(element("p", { class: "sub" }, "题目和选项都对得上，没有要说明的。"));
}

// What is new on the other side is what nothing has become.
function complete() {
  const questions = targets(mapping.questions), more = {};
  Object.keys(mapping.options).forEach((code) => {
    const target = mapping.questions[code], fresh = find(given.after, target);
    const left = without(fresh.parts.map((part) => part.code), targets(mapping.options[code]));
    if (left.length) more[target] = left;
  });
  return { questions: mapping.questions, options: mapping.options, added: without(given.after.map((one) => one.code), questions), added_options: more };
}

// What the mapping is for: a campaign that goes on with it, one whose mapping was wrong, or only to be remembered.
const way = () => form.querySelector("[name=campaign] option:checked").getAttribute("data-way");
const VERSION = "/api/v1/staff/questionnaires/versions/" + given.version + "/mappings";
const campaignUrl = () => "/api/v1/staff/campaigns/" + form.querySelector("[name=campaign]").value + "/corrections";
const READ = { correct: () => campaignUrl() + "/proposed/" + given.version, remap: () => campaignUrl() + "/mapping", agree: () => VERSION + "/proposed/" + given.other };

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const reason = values(form).reason || "", now = way();
  const body = { reason: reason, mapping: complete() };
  if (now !== "remap") body.version = now === "agree" ? given.other : given.version;
  problems.textContent = "";
  const url = now === "agree" ? VERSION : campaignUrl() + (now === "remap" ? "/mapping" : "");
  busy(form.querySelector("button[type=submit]"), "正在改正…", () => send("POST", url, body))
    .then(() => { if (now === "agree") location.reload(); else location.href = "/work/questionnaires/versions/" + given.version; }, (problem) => {
      problems.textContent = Object.keys(problem.fields || {}).map((code) => code + "：" + [].concat(problem.fields[code]).join("；")).join("。");
      report(problem);
    });
});

document.querySelectorAll("[data-decide]").forEach((one) => {
  one.addEventListener("click", () => {
    busy(one, "正在办理…", () => send("POST", "/api/v1/staff/questionnaires/mappings/" + one.getAttribute("data-decide") + "/decision", { decision: one.getAttribute("data-decision") }))
      .then(() => location.reload(), report);
  });
});

function load() {
  form.querySelector("button[type=submit]").textContent = way() === "agree" ? "提出对照" : "改用新的一版";
  return send("GET", READ[way()]()).then((answer) => { mapping = answer.mapping; draw(); document.body.setAttribute("data-ready", ""); }, report);
}

form.querySelector("[name=campaign]").addEventListener("change", load);
load();
