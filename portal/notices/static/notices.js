// What is on the screen has been read. Not told, it stays unread and is shown again; nothing is lost by that.

import { send } from "../kernel/api.js";

async function read() {
  const unread = Array.from(document.querySelectorAll("[data-unread]"));
  for (let i = 0; i < unread.length; i += 1) {
    await send("POST", "/api/v1/notices/" + unread[i].getAttribute("data-unread") + "/read", {}, { retry: false });
  }
  document.body.setAttribute("data-read", "");
}
read().catch(() => undefined);
