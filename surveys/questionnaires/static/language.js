// Which language the questions are read in: chosen once, remembered on this phone, and only where there is a choice.

import { recall, remember } from "../kernel/base.js";

const STORE = "language";
const box = document.querySelector("[data-languages]");
const shown = box.getAttribute("data-languages"), wanted = recall(STORE);
const link = (code) => box.querySelector("[data-language='" + code + "']");

box.querySelectorAll("[data-language]").forEach((one) => {
  one.addEventListener("click", () => remember(STORE, one.getAttribute("data-language")));
});
// The page came without being asked for a language: what was chosen last time is what is read now.
if (!/[?&]lang=/.test(location.search) && wanted && wanted !== shown && link(wanted)) location.replace(link(wanted).href);
