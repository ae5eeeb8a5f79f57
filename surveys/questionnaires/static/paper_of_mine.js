// A household says that it handed in no such paper.

import { send } from "../kernel/api.js";
import { report } from "../kernel/base.js";
import { busy } from "../kernel/form.js";

const box = document.querySelector("[data-not-ours]"), button = box.querySelector("[data-say]");
button.addEventListener("click", () => {
  if (!window.confirm("确定您家没有交过这份纸质问卷吗？")) return;
  busy(button, "正在告诉社区…", () => send("POST", box.getAttribute("data-not-ours"), {})).then(() => location.reload(), report);
});
