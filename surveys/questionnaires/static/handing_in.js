// 提交: what a sheet on the page says is sent, or kept by the visit pack; what comes back is shown where it belongs.

import { send } from "../kernel/api.js";
import { alertText, forget, report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { empty } from "./branching.js";
import { closed, sendWaiting } from "./files.js";
import { REVIEW, allRight, asked, carried, context, deliver, drawAnew, end, faultOf, given, mistake, pageOf, point, show, state, stepping, store } from "./fill.js";
import { ASKS_NOTHING, KINDS } from "./kinds.js";

const one = (selector) => document.querySelector(selector);

// What is sent: of the questions asked, what was answered; of rows, only what is asked in them.
function answersOf(now) {
  const answers = {};
  now.forEach((question) => {
    const value = state.answers[question.code], kind = KINDS[question.kind];
    if (ASKS_NOTHING.indexOf(question.kind) < 0 && !empty(value)) answers[question.code] = kind.sent ? kind.sent(question, value, context) : value;
  });
  return answers;
}

export async function submit() {
  const now = asked(), second = one("[data-second]"), button = one("[data-next]");
  if (!stepping && !allRight(now, now)) return undefined;
  if (second && !second.value) {
    second.focus();
    return context.say("请选和您一起入户的人；只有您一个人的，也请选上。");
  }
  const wrong = now.filter((question) => faultOf(question, now));
  if (stepping && wrong.length) {
    show(pageOf(wrong[0]));
    return allRight(asked(), asked());
  }
  if (given.preview) return (await import("./preview.js")).tryOut(answersOf(now), context, button).catch(refused);
  return busy(button, deliver ? "正在保存…" : "正在提交…", async () => {
    if (!deliver) await sendWaiting(now, state.answers, context);
    const body = {
      dwelling: given.dwelling, channel: state.channel, content_hash: state.words, answers: answersOf(now),
      replaces: given.replaces || "", second_visitor: second && second.value !== "alone" ? second.value : "",
    };
    if (deliver) await deliver(body, now);
    // The key is written down by send() before the call goes out: a second tap repeats it and gets the same receipt.
    else await send("POST", "/api/v1/campaigns/" + given.campaign + "/responses", body);
    forget(store);
    // The receipt takes the sheet's place: a step back leads to the home, not to a sheet that was handed in.
    if (!deliver) location.replace(location.pathname + "/done");
  }).catch(refused);
}

// Corrected while it was being filled in, so that something has to be looked at: it is shown, 提交 is one tap away.
async function look() {
  state.at = REVIEW;
  await carried(true);
  drawAnew();
}

function refused(problem) {
  if (!problem.status && !problem.detail) throw problem;
  if (problem.code === "campaign-closed") return end(closed(problem, one(".back").getAttribute("href")));
  if (problem.code === "questionnaire-corrected") return look().catch(report);
  const now = asked();
  const codes = Object.keys(problem.fields || {}).filter((code) => now.some((q) => q.code === code));
  if (!codes.length) return report(problem);
  const first = now.filter((q) => codes.indexOf(q.code) >= 0)[0];
  if (stepping) show(pageOf(first));
  codes.forEach((code) => mistake(code, [].concat(problem.fields[code]).join("；")));
  alertText(problem.detail);
  return point(first.code, problem.fields[first.code].join("；"));
}
