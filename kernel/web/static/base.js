// On every page: the 大字 switch, messages that are read out, the offline note.
// Plain ES modules for iOS 12 / Chrome 70: no ?. and ??, no top-level await.

const SIZES = ["normal", "large", "xlarge"];
const NEXT_WORD = { normal: "大字", large: "特大", xlarge: "标准字" };

export function remember(name, value) {
  try { localStorage.setItem(name, value); return true; } catch (error) { return false; }
}
export function recall(name) {
  try { return localStorage.getItem(name); } catch (error) { return null; }
}
export function forget(name) {
  try { localStorage.removeItem(name); } catch (error) { /* private mode: nothing was kept */ }
}

const root = document.documentElement;
const one = (selector) => document.querySelector(selector);

function setSize(size) {
  root.setAttribute("data-size", size);
  const word = one("[data-size-next]");
  if (word) word.textContent = NEXT_WORD[size];
}

function keepSize(size) {
  // the cookie lets the server draw the next page in the right size at once
  remember("type", size);
  document.cookie = "type=" + size + ";path=/;max-age=31536000;samesite=lax" + (location.protocol === "https:" ? ";secure" : "");
}

function startSizeSwitch() {
  const kept = recall("type");
  const hasCookie = /(^|; )type=/.test(document.cookie);
  if (kept && !hasCookie && SIZES.indexOf(kept) > 0) { setSize(kept); keepSize(kept); }
  const button = one("[data-size-switch]");
  if (!button) return;
  button.addEventListener("click", () => {
    const size = SIZES[(SIZES.indexOf(root.getAttribute("data-size")) + 1) % SIZES.length];
    setSize(size);
    keepSize(size);
    say(size === "normal" ? "已换成标准字" : size === "large" ? "已换成大字" : "已换成特大字");
  });
}

// Read out by screen readers, shown nowhere.
export function say(text) {
  const live = one("[data-live]");
  if (live) { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 50); }
}

// A message at the top that stays: text, and optionally a link {text, href}. alertText("") takes it away.
export function alertText(text, link) {
  const box = one("[data-alert]");
  if (!box) return;
  box.textContent = text;
  if (link) {
    const a = document.createElement("a");
    a.className = "tap";
    a.href = link.href;
    a.textContent = link.text;
    box.appendChild(document.createTextNode(" "));
    box.appendChild(a);
  }
  box.hidden = !text;
  if (text) { box.scrollIntoView({ block: "center" }); box.focus({ preventScroll: true }); }
}

// What a failed send() says, shown kindly; a lost session offers the way back to this very page.
export function report(problem) {
  const lost = problem.status === 401;
  const here = location.pathname + location.search;
  alertText(problem.detail || "没有办成，请再试一次。", lost ? { text: "去登录", href: "/signin?next=" + encodeURIComponent(here) } : null);
}

// A choice's whole row is tinted when chosen (the CSS has no :has() to do it alone).
export function tintChoices(scope) {
  (scope || document).querySelectorAll(".choice input").forEach((input) => {
    input.closest(".choice").classList.toggle("on", input.checked);
  });
}

function startOfflineNote() {
  const note = one("[data-offline]");
  if (!note) return;
  const show = () => { note.hidden = navigator.onLine !== false; };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
}

startSizeSwitch();
if (one("[data-copy]")) import("./copy.js");
startOfflineNote();
tintChoices();
document.addEventListener("change", (event) => {
  if (event.target.matches(".choice input")) tintChoices(event.target.closest("fieldset") || document);
});
// Back from the cache (iOS): the switch may have been used on another page meanwhile.
window.addEventListener("pageshow", (event) => {
  const kept = recall("type");
  if (event.persisted && SIZES.indexOf(kept) >= 0) setSize(kept);
});
