// A ballot on a worker's phone: the voter confirms by the code that came to the voter's own phone, or signs; nothing of
// it stays on this phone.

import { newKey, send, upload } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";
import { signature } from "../kernel/signature.js";

function blobOf(dataUrl) {
  const bytes = atob(dataUrl.split(",")[1]), whole = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) whole[i] = bytes.charCodeAt(i);
  return new Blob([whole], { type: "image/png" });
}

// box: the element with the canvas. refit() once it is visible; sign() -> id of the proof, rejects without a signature.
function signing(box) {
  const canvas = box.querySelector("canvas"), pad = signature(canvas);
  box.querySelector("[data-clear]").addEventListener("click", () => pad.clear());
  let sent = null;
  return {
    refit: () => { pad.refit(); sent = null; },
    sign: () => {
      if (pad.isEmpty()) {
        const missing = new Error("sign-first");
        missing.status = 0;
        missing.detail = "请投票人本人在方框里签名。";
        return Promise.reject(missing);
      }
      const form = new FormData();
      form.append("purpose", "assisted_ballot");
      form.append("place", box.getAttribute("data-place"));
      form.append("file", blobOf(pad.toDataURL()), "s.png");
      sent = sent || upload("/api/v1/evidence", form, newKey()).then((kept) => kept.file, (problem) => { sent = null; throw problem; });
      return sent;
    },
  };
}

// What confirms a ballot. refit() once it is visible; prove() -> {code} or {evidence}, rejects with what is missing.
export function confirming(vote, line, voter) {
  const pad = signing(document.querySelector("[data-signing]")), box = document.querySelector("[data-codes]");
  if (!box) return { refit: pad.refit, prove: () => pad.sign().then((file) => ({ evidence: [file] })) };
  const codes = "/api/v1/votes/" + vote + "/assisted-codes", input = box.querySelector("input");
  const byHand = document.querySelector("[data-by-hand]"), field = box.querySelector("[data-field=code]");
  let asked = null;
  byHand.addEventListener("toggle", () => { if (byHand.open) pad.refit(); });
  box.querySelector("[data-ask]").addEventListener("click", (event) => {
    const button = event.target;
    busy(button, "正在发…", () => send("POST", codes, { line_id: line, voter: voter })).then((made) => {
      asked = made.id;
      field.hidden = false;
      box.querySelector("[data-asked]").textContent = "已发到 " + made.phone + "，10 分钟内有效。一分钟后可以再发。";
      button.textContent = "重新发";
      input.value = "";
      input.focus();
    }, report);
  });
  return {
    refit: () => { if (byHand.open) pad.refit(); },
    prove: () => {
      const code = input.value.trim();
      if (byHand.open && !code) return pad.sign().then((file) => ({ evidence: [file] }));
      if (!asked || !/^[0-9]{6}$/.test(code)) {
        const missing = new Error("code-first");
        missing.status = 0;
        missing.detail = asked ? "请填投票人手机收到的 6 位验证码。" : "请先发验证码，请投票人确认；手机不在身边的，改为本人签名。";
        return Promise.reject(missing);
      }
      return send("POST", codes + "/" + asked + "/confirmation", { code: code }).then((said) => ({ code: said.id }));
    },
  };
}
