// A code held out at the door: asked about until WeChat says that it is paid, or that it is over.

import { send } from "../kernel/api.js";

const POLL_MS = 2000;
const box = document.querySelector("[data-code]");

function ask() {
  send("GET", "/api/v1/codes/" + box.getAttribute("data-code")).then((now) => {
    if (now.state !== "open") location.reload();
    else setTimeout(ask, POLL_MS);
  }, () => setTimeout(ask, POLL_MS));
}

if (box) setTimeout(ask, POLL_MS);
