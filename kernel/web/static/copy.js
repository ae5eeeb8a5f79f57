// Buttons that copy a text (ui.copy), on pages that have one.

import { say } from "./base.js";

function copyFallback(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "sr";
  document.body.appendChild(area);
  area.select();
  area.setSelectionRange(0, text.length);
  const done = document.execCommand("copy");
  document.body.removeChild(area);
  return done;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest ? event.target.closest("[data-copy]") : null;
  if (!button) return;
  const text = button.getAttribute("data-copy");
  const label = button.textContent;
  const tell = (done) => {
    button.textContent = done ? "已复制" : "请长按文字复制";
    say(button.textContent);
    setTimeout(() => { button.textContent = label; }, 2000);
  };
  if (navigator.clipboard && window.isSecureContext) {
    navigator.clipboard.writeText(text).then(() => tell(true), () => tell(copyFallback(text)));
  } else tell(copyFallback(text));
});
