// Photos and signatures. A picture is sent as soon as it is there; until it has arrived it waits on the phone as
// {pending: data URL} and is sent with the sheet. An answer holds the id the server gave.

import { newKey, upload } from "../kernel/api.js";
import { shrink } from "../kernel/photo.js";
import { signature } from "../kernel/signature.js";
import { element } from "./kinds.js";

// The content policy lets no script fetch a data URL, so it is unpacked by hand.
function blobOf(dataUrl) {
  const parts = dataUrl.split(","), raw = atob(parts[1]), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
  return new Blob([bytes], { type: /data:([^;]+)/.exec(parts[0])[1] });
}

function dataUrlOf(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => fail(new Error("照片读不出来，请重新拍一张。"));
    reader.readAsDataURL(blob);
  });
}

// pending.key is made with the picture and kept with it: sent twice, it is stored once.
function sendPicture(context, purpose, pending) {
  const form = new FormData();
  form.append("dwelling", context.given.dwelling);
  form.append("channel", context.channel());
  form.append("purpose", purpose);
  form.append("file", blobOf(pending.pending), purpose === "signature" ? "s.png" : "p.jpg");
  return upload("/api/v1/campaigns/" + context.given.campaign + "/attachments", form, pending.key).then((kept) => kept.file);
}

const held = (dataUrl) => ({ pending: dataUrl, key: newKey() });
const urlOf = (file) => (file.pending ? file.pending : "/api/v1/attachments/" + file);

// Everything that still waits on the phone is sent; the answers then hold ids only.
export async function sendWaiting(questions, answers, context) {
  for (let i = 0; i < questions.length; i += 1) {
    const question = questions[i], value = answers[question.code];
    if (question.kind === "repeat") for (let n = 0; n < (value || []).length; n += 1) await sendWaiting(question.questions, value[n], context);
    if (question.kind === "signature" && value && value.pending) {
      answers[question.code] = await sendPicture(context, "signature", value);
      context.save();
    }
    if (question.kind === "photo") {
      for (let n = 0; n < (value || []).length; n += 1) {
        if (value[n].file.pending) {
          value[n].file = await sendPicture(context, "photo", value[n].file);
          context.save();
        }
      }
    }
  }
}

export const photo = {
  draw(question, value, change, context) {
    const shots = Array.isArray(value) ? value.slice() : [];
    const list = element("ul", { class: "shots" });
    const input = element("input", { type: "file", accept: "image/*", multiple: true, name: question.code, "aria-label": "加照片" });
    const word = element("span", {});
    const pick = element("label", { class: "btn pick" }, word, input);
    const kept = () => change(shots.length ? shots.slice() : undefined);
    function draw() {
      while (list.firstChild) list.removeChild(list.firstChild);
      shots.forEach((shot, i) => {
        const caption = element("input", { class: "input", type: "text", maxlength: question.caption, placeholder: question.caption_hint, "aria-label": "照片" + (i + 1) + "的说明" });
        caption.value = shot.caption || "";
        caption.addEventListener("input", () => { shot.caption = caption.value; kept(); });
        const drop = element("button", { class: "btn warn", type: "button" }, "删掉这张");
        drop.addEventListener("click", () => { shots.splice(i, 1); kept(); draw(); });
        list.appendChild(element("li", {}, element("img", { src: urlOf(shot.file), alt: "照片" + (i + 1) }), caption, element("div", { class: "btns" }, drop)));
      });
      pick.hidden = shots.length >= question.max;
      word.textContent = shots.length ? "再加一张（还能加 " + (question.max - shots.length) + " 张）" : "拍照或选照片";
    }
    input.addEventListener("change", async () => {
      const files = Array.from(input.files).slice(0, question.max - shots.length);
      input.value = "";
      for (let i = 0; i < files.length; i += 1) {
        try {
          const shot = { file: held(await dataUrlOf(await shrink(files[i], 1600))), caption: "" };
          shots.push(shot);
          kept();
          draw();
          if (!context.given.preview) sendPicture(context, "photo", shot.file).then((id) => { shot.file = id; kept(); }, () => context.say("照片先留在手机里，交问卷时再传。"));
        } catch (error) {
          context.say(error.message);
        }
      }
    });
    draw();
    return element("div", {}, list, pick);
  },
  show: (question, value) => value.map((shot, i) => "照片" + (i + 1) + "：" + (shot.caption || "（没有说明）")),
  fault: () => "",
};

export const signed = {
  draw(question, value, change, context) {
    const box = element("div", {});
    const again = element("button", { class: "btn", type: "button" }, "重写");
    function paper() {
      const canvas = element("canvas", { class: "sign-pad", role: "img", "aria-label": question.title + "的签名框" });
      box.insertBefore(canvas, box.firstChild);
      const pad = signature(canvas, () => change(pad.isEmpty() ? undefined : held(pad.toDataURL())));
      context.later(() => { if (pad.isEmpty()) pad.refit(); });
    }
    again.addEventListener("click", () => { box.removeChild(box.firstChild); change(undefined); paper(); });
    box.appendChild(element("div", { class: "btns" }, again));
    if (value) box.insertBefore(element("img", { class: "signed", src: urlOf(value), alt: "已写的签名" }), box.firstChild);
    else paper();
    return box;
  },
  show: () => ["已签名"],
  fault: () => "",
};

// What stands in place of the sheet when its time was over: said kindly; what was typed stays on the phone.
export function closed(problem, back) {
  return element("div", { class: "msg", tabindex: "-1", "data-over": problem.code },
    element("div", { class: "msg-mark wait", "aria-hidden": "true" }, "!"),
    element("h2", {}, "问卷已经截止"), element("p", {}, problem.detail),
    element("div", { class: "btns" }, element("a", { class: "btn", href: back }, "返回")));
}
