// A published period: print it, or recompute its fingerprint on one's own phone.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { recomputed } from "./merkle.js";

const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());

const check = document.querySelector("[data-recompute]");
if (check) {
  check.addEventListener("click", () => {
    const said = document.querySelector("[data-recomputed]");
    const work = () => send("GET", check.getAttribute("data-recompute")).then((list) => recomputed(list).then((root) => root === list.root && root === check.getAttribute("data-root")));
    busy(check, "正在核对…", work).then((same) => {
      said.textContent = same ? "您的手机重算过了：清单与公布的指纹一致。" : "清单与公布的指纹对不上，请联系街道。";
      said.hidden = false;
    }, report);
  });
}
