// The payer's own phone recomputes: is my row in the public list, and does that list give the published fingerprint?

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { recomputed, textsOf } from "./merkle.js";

async function check(card) {
  const own = await send("GET", "/api/v1/deposits/" + card.getAttribute("data-inclusion") + "/inclusions");
  for (const one of own.inclusions) {
    const list = await send("GET", "/api/v1/estates/" + card.getAttribute("data-books") + "/publications/" + one.number);
    if (textsOf(list)[one.place] !== one.text) return "公开的清单里没有您这一笔，请联系街道。";
    if ((await recomputed(list)) !== one.root || list.root !== one.root) return "清单与公布的指纹对不上，请联系街道。";
  }
  return "您的手机核对过了：公开的清单里有您这一笔，整份清单与公布的指纹一致。";
}

const card = document.querySelector("[data-inclusion]");
const button = card ? card.querySelector("[data-check]") : null;
if (button) {
  button.addEventListener("click", () => {
    const said = card.querySelector("[data-checked]");
    busy(button, "正在核对…", () => check(card)).then((words) => { said.textContent = words; said.hidden = false; }, report);
  });
}
