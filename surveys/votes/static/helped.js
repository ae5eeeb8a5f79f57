// A ballot on a worker's phone: the voter signs, the signature is sent, and nothing of it stays on this phone.

import { newKey, upload } from "../kernel/api.js";
import { signature } from "../kernel/signature.js";

function blobOf(dataUrl) {
  const bytes = atob(dataUrl.split(",")[1]), whole = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) whole[i] = bytes.charCodeAt(i);
  return new Blob([whole], { type: "image/png" });
}

// box: the element with the canvas. refit() once it is visible; sign() -> id of the proof, rejects without a signature.
export function signing(box) {
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
