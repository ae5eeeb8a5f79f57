// Beginning a questionnaire, importing one, and setting up a campaign with a version.

import { send, newKey, upload } from "../kernel/api.js";
import { alertText, report } from "../kernel/base.js";
import { busy, clearErrors, showErrors, values } from "../kernel/form.js";
import { element } from "./kinds.js";

const DRAFTS = "/api/v1/staff/questionnaires/drafts";

function onSubmit(form, word, work) {
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    busy(form.querySelector("button[type=submit]"), word, work).catch((problem) => {
      if (problem.status === undefined) throw problem;
      showErrors(form, problem);
    });
  });
}

const begin = document.querySelector("[data-begin]");
onSubmit(begin, "正在建立…", async () => {
  const made = await send("POST", DRAFTS, values(begin));
  location.href = "/work/questionnaires/drafts/" + made.draft;
});

// What was refused or left behind, each with its sheet and row.
function remarks(place, heading, lines, more) {
  while (place.firstChild) place.removeChild(place.firstChild);
  const list = element("ul", {});
  lines.forEach((line) => list.appendChild(element("li", {}, line)));
  place.appendChild(element("h3", {}, heading));
  if (lines.length) place.appendChild(list);
  if (more) place.appendChild(more);
  place.hidden = false;
  place.focus();
}

const bringIn = document.querySelector("[data-import]");
let importKey = newKey();
if (bringIn) bringIn.querySelector("input[type=file]").addEventListener("change", () => { importKey = newKey(); });
onSubmit(bringIn, "正在导入…", async () => {
  const file = bringIn.querySelector("input[type=file]").files[0], place = bringIn.querySelector("[data-remarks]");
  if (!file) return alertText("请先选一个表格文件。");
  const form = new FormData();
  form.append("file", file, file.name);
  try {
    const made = await upload("/api/v1/staff/questionnaires/imports", form, importKey);
    const open = element("a", { class: "btn main", href: "/work/questionnaires/drafts/" + made.draft }, "打开草稿");
    remarks(place, made.listed.length ? "已导入。下面这些没有带过来：" : "已导入，全部带过来了。", made.listed, element("div", { class: "btns" }, open));
  } catch (problem) {
    importKey = newKey();
    if (problem.code !== "form-refused") throw problem;
    const lines = [];
    Object.keys(problem.fields).forEach((where) => problem.fields[where].forEach((text) => lines.push(where + "：" + text)));
    remarks(place, problem.detail, lines);
  }
  return undefined;
});

const campaign = document.querySelector("[data-campaign]");
onSubmit(campaign, "正在建立…", async () => {
  const given = values(campaign);
  const body = { version: campaign.getAttribute("data-version"), title: given.title || "", year: Number(given.year), places: given.places || [] };
  ["opens_at", "closes_at"].forEach((name) => { if (given[name]) body[name] = given[name] + ":00+08:00"; });
  await send("POST", "/api/v1/staff/campaigns", body);
  location.reload();
});

// Boxes whose words have what is typed; what is ticked stays in sight.
const finding = document.querySelector("[data-find]");
if (finding) {
  finding.addEventListener("input", () => {
    const wanted = finding.value.trim();
    document.querySelectorAll("[data-found] .choice").forEach((box) => {
      box.hidden = wanted !== "" && box.textContent.indexOf(wanted) < 0 && !box.querySelector("input").checked;
    });
  });
}

document.querySelectorAll("[data-do]").forEach((button) => {
  button.addEventListener("click", () => {
    // Asked once more beside the button: neither can be taken back.
    if (button.getAttribute("data-asked") === null) {
      button.setAttribute("data-asked", "");
      button.classList.add("warn");
      button.textContent = button.getAttribute("data-ask") + " 再点一次确定";
      return;
    }
    busy(button, "正在办理…", () => send("POST", button.getAttribute("data-do"), {})).then(() => location.reload(), report);
  });
});
