// What was filled in, to look over before it is handed in: a line a question, each leading back to it.

import { empty } from "./branching.js";
import { ASKS_NOTHING, KINDS, element } from "./kinds.js";

export function review(now, answers, context, faultOf, pageOf, show) {
  const cells = element("div", { class: "cells" });
  now.forEach((question) => {
    if (question.owner) return;
    const value = answers[question.code], fault = faultOf(question, now);
    let texts = empty(value) && ASKS_NOTHING.indexOf(question.kind) < 0 ? [] : KINDS[question.kind].show(question, value, context);
    context.children(question).forEach((child) => {
      const typed = answers[child.code];
      if (now.indexOf(child) >= 0 && !empty(typed)) texts = texts.concat(KINDS[child.kind].show(child, typed));
    });
    const cell = element("a", { class: "cell", href: "#q" + pageOf(question) }, element("span", { class: "cell-main" },
      element("small", {}, (question.no ? question.no + ". " : "") + question.title), texts.length ? texts.join("；") : "（没有填）",
      fault ? element("span", { class: "error" }, fault) : null));
    cell.addEventListener("click", (event) => { event.preventDefault(); show(pageOf(question)); });
    cells.appendChild(cell);
  });
  return element("section", { class: "card", tabindex: "-1" }, element("h2", {}, "请核对一遍，点哪一题就改哪一题"), cells);
}
