// The receipt: print it; while it is being numbered, ask again.

import { send } from "../kernel/api.js";

const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());

const box = document.querySelector("[data-numbering]");
const ask = (left) => send("GET", "/api/v1/deposits/" + box.getAttribute("data-numbering")).then((now) => {
  if (now.receipt) location.reload();
  else if (left) setTimeout(() => ask(left - 1), 1500);
}, () => { if (left) setTimeout(() => ask(left - 1), 3000); });
if (box) setTimeout(() => ask(20), 800);
