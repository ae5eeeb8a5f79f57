// The payer's own phone recomputes: is my row in the public list, and does that list give the published fingerprint?
// RFC 6962: leaf = SHA-256(0x00 text), node = SHA-256(0x01 left right).

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

const hex = (bytes) => Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");

function hash(first, parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 1);
  const all = new Uint8Array(size);
  all[0] = first;
  let at = 1;
  parts.forEach((part) => { all.set(part, at); at += part.length; });
  return crypto.subtle.digest("SHA-256", all).then((digest) => new Uint8Array(digest));
}

export const leafOf = (text) => hash(0, [new TextEncoder().encode(text)]);

export async function rootOf(leaves) {
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at + 1 < level.length; at += 2) above.push(await hash(1, [level[at], level[at + 1]]));
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level[0];
}

async function check(card) {
  const own = await send("GET", "/api/v1/deposits/" + card.getAttribute("data-inclusion") + "/inclusions");
  for (const one of own.inclusions) {
    const list = await send("GET", "/api/v1/estates/" + card.getAttribute("data-books") + "/publications/" + one.number);
    const texts = [list.header].concat(list.rows.map((row) => row.text));
    const leaves = await Promise.all(texts.map(leafOf));
    if (texts[one.place] !== one.text) return "公开的清单里没有您这一笔，请联系街道。";
    if (hex(await rootOf(leaves)) !== one.root || list.root !== one.root) return "清单与公布的指纹对不上，请联系街道。";
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
