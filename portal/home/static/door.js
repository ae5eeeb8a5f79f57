// The typed door code: to /h/<code>, forgiving what people type.
import { readDoorCode } from "./code.js";
import { showErrors, clearErrors } from "../kernel/form.js";

document.querySelectorAll("[data-door-form]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const code = readDoorCode(form.elements.code.value);
    if (code) location.href = (form.getAttribute("data-door-form") || "/h/") + code;
    else showErrors(form, { fields: { code: ["门牌码是 10 位数字和字母，请再核对一下。"] } });
  });
});
