// The preview of a questionnaire being written: 提交 asks the server to check the answers, and nothing is kept.

import { newKey, send } from "../kernel/api.js";
import { busy } from "../kernel/form.js";

// A picture stays on the page; for the check a name of the right shape stands in for it.
function named(value) {
  if (Array.isArray(value)) return value.map(named);
  if (!value || typeof value !== "object") return value;
  if (value.pending) return newKey().replace(/-/g, "").slice(0, 22);
  const made = {};
  Object.keys(value).forEach((key) => { made[key] = named(value[key]); });
  return made;
}

export function tryOut(answers, context, button) {
  const sent = {};
  Object.keys(answers).forEach((code) => { sent[code] = named(answers[code]); });
  return busy(button, "正在检查…", () => send("POST", context.given.try_url, { facts: Object.assign({}, context.given.facts, { channel: context.channel() }), answers: sent }))
    .then((answer) => context.say("检查通过：这样填可以提交，共 " + answer.answered + " 处有答案。这是预览，什么也没有存。"));
}
