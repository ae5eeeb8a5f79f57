// Pledge, begin, hand over to WeChat, and wait for WeChat's word (never the phone's own) that it is paid.

import { send } from "../kernel/api.js";
import { alertText, report } from "../kernel/base.js";
import { busy, clearErrors, showErrors } from "../kernel/form.js";
import { fenFrom } from "./amounts.js";

const form = document.getElementById("pay");
const button = document.getElementById("pay-button");
const result = document.querySelector("[data-result]");
const ownBox = document.querySelector("[data-own]");
const inWeChat = /MicroMessenger/i.test(navigator.userAgent);
const POLL_MS = 2000;
const PATIENCE_MS = 60000;

let deposit = form.getAttribute("data-deposit");

// Where WeChat leads back to: this page, which knows then what was being paid.
function wayBack() {
  return location.origin + location.pathname + "?deposit=" + deposit;
}

function tell(text, tone) {
  result.className = "note " + (tone || "");
  result.textContent = text;
  result.hidden = !text;
  if (text) result.scrollIntoView({ block: "center" });
}

function how() {
  const chosen = form.querySelector("input[name=how]:checked");
  return chosen ? chosen.value : "suggested";
}

form.addEventListener("change", () => { ownBox.hidden = how() !== "own"; });

function wanted() {
  const missing = {};
  const fen = how() === "own" ? fenFrom(form.elements.amount.value) : parseInt(form.getAttribute("data-suggested"), 10);
  if (!fen) missing.amount_fen = ["请填金额，例如 300 或 300.50。"];
  if (form.elements.agreed && !form.elements.agreed.checked) missing.terms_version = ["请先看过约定，并在这里打勾。"];
  return { fen: fen, missing: missing };
}

// WeChat's own pay sheet. Its answer says only what the payer pressed; what counts is asked from the server.
function bridge(handoff) {
  const call = { appId: handoff.app_id, timeStamp: handoff.time_stamp, nonceStr: handoff.nonce, package: handoff.package,
    signType: handoff.sign_type, paySign: handoff.pay_sign };
  const sandbox = form.getAttribute("data-sandbox");
  if (sandbox) {
    const query = new URLSearchParams(call);
    query.set("back", wayBack());
    location.href = sandbox + "/_sandbox/pay?" + query.toString();
    return;
  }
  const invoke = () => window.WeixinJSBridge.invoke("getBrandWCPayRequest", call, (answer) => {
    settle(String(answer.err_msg || "").split(":").pop());
  });
  if (window.WeixinJSBridge) invoke();
  else document.addEventListener("WeixinJSBridgeReady", invoke, { once: true });
}

// Outside WeChat its own page takes the payer there, and back to us afterwards.
function handOver(begun) {
  if (begun.how === "jsapi") bridge(begun.handoff);
  else location.href = begun.url + "&redirect_url=" + encodeURIComponent(wayBack());
}

function begin(fen) {
  return send("POST", "/api/v1/dwellings/" + form.getAttribute("data-dwelling") + "/" + (form.getAttribute("data-path") || "deposits"),
    { amount_fen: fen, terms_version: form.getAttribute("data-terms") })
    .then((made) => { deposit = made.id; return send("POST", "/api/v1/deposits/" + deposit + "/attempts", { how: inWeChat ? "jsapi" : "h5" }); });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearErrors(form);
  alertText("");
  const asked = wanted();
  if (Object.keys(asked.missing).length) { showErrors(form, { fields: asked.missing }); return; }
  busy(button, "正在联系微信……", () => begin(asked.fen)).then(handOver, (problem) => {
    if (["already-paid", "terms-changed", "budget-changed", "nothing-open"].includes(problem.code)) { report(problem); setTimeout(() => location.reload(), 3000); }
    else showErrors(form, problem);
  });
});

// Ask until WeChat's word is in; the page may be left at any time, nothing is lost by it.
function watch(until, onEnd) {
  send("GET", "/api/v1/deposits/" + deposit).then((now) => {
    if (now.state !== "pledged") { location.replace("/receipt/" + deposit); return; }
    if (now.unreachable) tell("微信支付暂时联系不上，还不知道结果。请不要重复付款，稍后会自动更新。", "wait");
    if (Date.now() > until) onEnd(now); else setTimeout(() => watch(until, onEnd), POLL_MS);
  }, () => { if (Date.now() > until) onEnd(null); else setTimeout(() => watch(until, onEnd), POLL_MS); });
}

function settle(outcome) {
  if (!deposit) return;
  if (outcome === "cancel") {
    tell("您取消了付款，没有扣款。想缴时再点“用微信支付”，不缴也没关系。");
    watch(Date.now() + POLL_MS * 3, () => {});
    return;
  }
  tell("正在等微信确认，请稍等。这一页可以关掉，结果不会丢。", "wait");
  button.disabled = true;
  const patience = outcome === "ok" ? PATIENCE_MS : POLL_MS * 5;
  watch(Date.now() + patience, () => {
    button.disabled = false;
    tell(outcome === "ok" ? "微信还没有确认，请不要重复付款。我们会一直查，到账后这里会显示收据。"
      : "这次付款没有完成，没有扣款。可以再点“用微信支付”，也可以先不缴。", "wait");
  });
}

const back = /[?&]wcpay=([a-z]+)/.exec(location.search);
if (back) {
  history.replaceState(null, "", location.pathname);
  settle(back[1]);
} else if (form.getAttribute("data-open") && deposit) {
  // Came back some other way: perhaps it was paid meanwhile.
  watch(Date.now() + POLL_MS * 2, () => {});
}
