// The ballot: choose, read it back, confirm. Too many names are refused at the tick. What is ticked stays in this tab
// (sessionStorage) so that signing in again loses nothing; it is wiped when the ballot is cast.

import { send } from "../kernel/api.js";
import { alertText, report, say, tintChoices } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { confirming } from "./helped.js";
import { canSeal, keepNumber, newNumber, numberText, seal } from "./seal.js";

const form = document.getElementById("ballot");
const one = (selector) => document.querySelector(selector);
const motions = Array.from(one("[data-motions]").content.querySelectorAll("[data-motion]")).map((each) => ({
  id: each.getAttribute("data-motion"),
  election: each.getAttribute("data-form") === "election",
  most: Number(each.getAttribute("data-most")),
  title: each.getAttribute("data-title"),
}));
const NONE = "none";
const vote = form.getAttribute("data-vote");
const line = form.getAttribute("data-line");
const place = "ballot:" + line;
const publicKey = form.getAttribute("data-public-key");
let number = "";
let envelope = null;
const helped = form.hasAttribute("data-helped");
const proof = helped ? confirming(vote, line, form.getAttribute("data-helped")) : null;

const inputs = (motion) => Array.from(form.querySelectorAll("input")).filter((input) => input.name === motion.id);
const ticked = (motion) => inputs(motion).filter((input) => input.checked);
const label = (input) => {
  const text = input.parentNode.querySelector("span");
  return text.firstChild ? text.firstChild.textContent.trim() : text.textContent;
};
const box = (motion) => document.getElementById("m-" + motion.id);

function wrong(motion, text) {
  let line = box(motion).querySelector(".error");
  if (!line) {
    line = document.createElement("p");
    line.className = "error";
    line.setAttribute("role", "alert");
    box(motion).insertBefore(line, box(motion).querySelector(".choices"));
  }
  line.textContent = text;
  line.hidden = !text;
}

function keep() {
  if (helped) return; // a worker's phone keeps nothing of what somebody chose
  const kept = {};
  motions.forEach((motion) => { kept[motion.id] = ticked(motion).map((input) => input.value); });
  try { sessionStorage.setItem(place, JSON.stringify(kept)); } catch (error) { /* private mode: kept on the page only */ }
}

function restore() {
  let kept = {};
  try { kept = JSON.parse(sessionStorage.getItem(place)) || {}; } catch (error) { kept = {}; }
  motions.forEach((motion) => inputs(motion).forEach((input) => {
    input.checked = (kept[motion.id] || []).indexOf(input.value) >= 0;
  }));
  tintChoices(form);
}

function onTick(event) {
  const motion = motions.find((each) => each.id === event.target.name);
  if (!motion) return;
  wrong(motion, "");
  if (motion.election && event.target.checked) {
    if (event.target.value === NONE) ticked(motion).forEach((input) => { input.checked = input.value === NONE; });
    else inputs(motion).forEach((input) => { if (input.value === NONE) input.checked = false; });
    const names = ticked(motion).filter((input) => input.value !== NONE);
    if (names.length > motion.most) {
      event.target.checked = false;
      wrong(motion, "最多选 " + motion.most + " 人。要换人，请先去掉一个。");
    }
  }
  tintChoices(form);
  keep();
}

function show(step) {
  document.querySelectorAll("[data-step]").forEach((part) => { part.hidden = part.getAttribute("data-step") !== step; });
  document.querySelectorAll("[data-foot]").forEach((part) => { part.hidden = part.getAttribute("data-foot") !== step; });
  one("[data-step-title]").textContent = step === "confirm" ? "确认选票" : "填选票";
  alertText("");
  window.scrollTo(0, 0);
}

function review() {
  const open = motions.filter((motion) => !ticked(motion).length);
  open.forEach((motion) => wrong(motion, motion.election ? "请选人；一个也不选，请勾“都不选（弃权）”。" : "请在同意、反对、弃权里选一个。"));
  if (open.length) {
    box(open[0]).scrollIntoView({ block: "center" });
    return;
  }
  const list = one("[data-readback]");
  list.textContent = "";
  motions.forEach((motion) => {
    const title = document.createElement("dt");
    const choice = document.createElement("dd");
    title.textContent = motion.title;
    choice.textContent = ticked(motion).map(label).join("、");
    list.appendChild(title);
    list.appendChild(choice);
  });
  envelope = null;
  if (publicKey) {
    number = newNumber();
    one("[data-number]").textContent = numberText(number);
  }
  show("confirm");
  if (proof) proof.refit();
  say("请再看一遍：" + list.textContent);
}

// A named ballot goes as it is; a secret one is sealed here, once, so that a second tap sends the same envelope. On a
// worker's phone what the voter confirms with goes first.
async function deliver(choices) {
  const body = { line_id: line, text_hash: form.getAttribute("data-text-hash") };
  if (helped) {
    body.voter = form.getAttribute("data-helped");
    Object.assign(body, await proof.prove());
  }
  const way = (plain) => "/api/v1/votes/" + vote + "/" + (helped ? "assisted-" : "") + plain;
  if (!publicKey) {
    body.choices = choices;
    return send("POST", way("ballots"), body);
  }
  const election = { publicKey: publicKey, vote: vote, textHash: body.text_hash, length: Number(form.getAttribute("data-length")) };
  envelope = envelope || seal(election, choices, number);
  body.envelope = await envelope;
  if (!helped) keepNumber(vote + ":" + line, number);
  return send("POST", way("envelopes"), body);
}

function cast() {
  const choices = {};
  motions.forEach((motion) => {
    const values = ticked(motion).map((input) => input.value).filter((value) => value !== NONE);
    choices[motion.id] = motion.election ? values : values[0];
  });
  busy(one("#cast"), "正在投票…", () => deliver(choices)).then((receipt) => {
    try { sessionStorage.removeItem(place); } catch (error) { /* nothing was kept */ }
    location.replace((helped ? "/work/help-vote/" : "/v/") + vote + "/receipt/" + receipt.receipt_no);
  }, (problem) => {
    if (problem.status !== 422) return report(problem);
    show("choose");
    const lines = Object.keys(problem.fields).map((name) => {
      const motion = motions.find((each) => each.id === name);
      if (motion) wrong(motion, problem.fields[name].join("；"));
      return motion;
    });
    if (lines.filter(Boolean).length) box(lines.filter(Boolean)[0]).scrollIntoView({ block: "center" });
    else report(problem);
    return null;
  });
}

form.addEventListener("change", onTick);
form.addEventListener("submit", (event) => event.preventDefault());
one("#review").addEventListener("click", review);
one("#change").addEventListener("click", () => show("choose"));
one("#cast").addEventListener("click", cast);
if (publicKey && !canSeal()) {
  one("[data-no-seal]").hidden = false;
  one("#review").disabled = true;
}
if (!helped) restore();
