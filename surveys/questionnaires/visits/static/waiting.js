// On a worker's home page: what was filled in at the doors and is still on this phone, with the way to it.

import { unsent } from "./queue.js";

const box = document.querySelector("[data-visits-left]");

function line(page, entries) {
  const refused = entries.filter((entry) => entry.state === "refused").length;
  const text = entries[0].label + (entries.length > 1 ? "等 " + entries.length + " 户" : "") + (refused ? "，" + refused + " 份被退回" : "");
  const made = document.createElement(page ? "a" : "p");
  if (page) { made.href = page; made.className = "tap"; }
  made.textContent = text;
  const row = document.createElement("p");
  row.appendChild(made);
  return row;
}

// A phone that lets no page keep anything keeps nothing of visits either.
unsent(box.getAttribute("data-visits-left")).then((kept) => {
  const pages = {};
  kept.forEach((entry) => { (pages[entry.page || ""] = pages[entry.page || ""] || []).push(entry); });
  Object.keys(pages).forEach((page) => box.appendChild(line(page, pages[page])));
  box.hidden = !kept.length;
}, () => undefined);
