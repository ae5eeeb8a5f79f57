// Scanning a door label. In WeChat: its own scanner. Else the camera. Always: a photo of the label, or typing.

import { say } from "../kernel/base.js";
import { send } from "../kernel/api.js";
import { readDoorCode } from "../home/code.js";
import { draw, makeReader } from "./reader.js";

const one = (selector) => document.querySelector(selector);
const words = (name, text) => { one("[data-" + name + "-words]").textContent = text; };

// A code of ours opens the door; anything else is said and scanning goes on.
function open(text, name) {
  const code = readDoorCode(text);
  if (code) {
    words(name, "认出来了，正在打开……");
    location.href = one("[data-door-form]").getAttribute("data-door-form") + code;
    return true;
  }
  words(name, "这不是门牌码，请对准门上贴的那一张。");
  return false;
}

// ---- the camera

function startCamera() {
  const button = one("[data-camera-start]"), view = one("[data-view]"), video = view.querySelector("video");
  let stream = null;
  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    view.hidden = true;
    button.textContent = "打开相机扫码";
  }
  function look(read) {
    if (!stream) return;
    const width = video.videoWidth, height = video.videoHeight;
    if (!width) { setTimeout(() => look(read), 100); return; }
    const square = Math.min(width, height);
    read(draw(video, (width - square) / 2, (height - square) / 2, square, square, 640)).then((text) => {
      if (text && open(text, "camera")) { stop(); return; }
      setTimeout(() => look(read), 120);
    });
  }
  button.addEventListener("click", () => {
    if (stream) { stop(); return; }
    words("camera", "正在打开相机……");
    Promise.all([
      navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } }),
      makeReader(),
    ]).then((both) => {
      stream = both[0];
      video.srcObject = stream;
      view.hidden = false;
      button.textContent = "关上相机";
      words("camera", "把门牌码放进方框里，认出来会自动打开。");
      video.play();
      look(both[1]);
    }, () => words("camera", "相机打不开。请在手机设置里允许使用相机，或拍一张照片、输入门牌码。"));
  });
  window.addEventListener("pagehide", stop);
}

// ---- a photo of the label

function pictureOf(file) {
  return new Promise((done, fail) => {
    const url = URL.createObjectURL(file), image = new Image();
    image.onload = () => { URL.revokeObjectURL(url); done(image); };
    image.onerror = () => { URL.revokeObjectURL(url); fail(new Error("not a picture")); };
    image.src = url;
  });
}

// Several sizes, the whole and the middle: a label far away is lost in a small picture, a near one in a large one.
async function readPhoto(image) {
  const read = await makeReader();
  const w = image.naturalWidth, h = image.naturalHeight;
  for (const side of [800, 1400, 480]) {
    for (const part of [1, 0.6]) {
      const text = await read(draw(image, (w * (1 - part)) / 2, (h * (1 - part)) / 2, w * part, h * part, side));
      if (text) return text;
    }
  }
  return "";
}

function startPhoto() {
  const input = one("[data-photo]");
  input.addEventListener("change", () => {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    words("photo", "正在认……");
    pictureOf(file).then(readPhoto).then((text) => {
      if (!text) words("photo", "没认出来。请靠近一点、拍正一点再拍一张，或者输入门牌码。");
      else open(text, "photo");
    }, () => words("photo", "这个文件不是照片，请重新拍一张。"));
  });
}

// ---- WeChat's own scanner: quickest, and it works where a page may not use the camera

function startWechat() {
  const here = location.href.split("#")[0];
  return Promise.all([send("GET", "/api/v1/wechat/jssdk?url=" + encodeURIComponent(here)), import("./vendor/jweixin.js")]).then((both) => {
    const signed = both[0], wx = both[1].default;
    return new Promise((done, fail) => {
      wx.config({
        debug: false,
        appId: signed.app_id,
        timestamp: signed.timestamp,
        nonceStr: signed.nonce,
        signature: signed.signature,
        jsApiList: ["scanQRCode"],
      });
      wx.error(fail);
      wx.ready(() => done(wx));
    });
  }).then((wx) => {
    one("[data-wechat]").hidden = false;
    one("[data-wechat-scan]").addEventListener("click", () => {
      wx.scanQRCode({
        needResult: 1,
        scanType: ["qrCode"],
        success: (found) => { if (!open(found.resultStr, "photo")) say("这不是门牌码"); },
        fail: () => words("photo", "微信扫一扫没有打开，请拍照或输入门牌码。"),
      });
    });
  });
}

const hasCamera = window.isSecureContext !== false && navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
if (/MicroMessenger/i.test(navigator.userAgent)) startWechat().catch(() => { /* the other ways stay */ });
if (hasCamera) {
  one("[data-camera]").hidden = false;
  startCamera();
}
startPhoto();
