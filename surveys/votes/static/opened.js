// A notice opened on a voter's own phone is a delivery: noted once, and nothing is lost when it cannot be.

import { send } from "../kernel/api.js";

const opened = document.querySelector("[data-opened]");
if (opened) send("POST", "/api/v1/votes/" + opened.getAttribute("data-opened") + "/opened", {}).catch(() => {});
