// A secret voter's own number: shown on the receipt, and found in the published list. It never leaves this phone.

import { keptForVote, keptNumbers, numberText } from "./seal.js";

const receipt = document.querySelector("[data-number-of]");
if (receipt) {
  const kept = keptNumbers(receipt.getAttribute("data-number-of"));
  receipt.textContent = kept.length ? numberText(kept[0]) : "号码只留在投票的那部手机上。";
}

const list = document.querySelector("[data-numbers-of]");
if (list) {
  const kept = keptForVote(list.getAttribute("data-numbers-of"));
  const mine = Array.from(list.querySelectorAll("[data-number]")).filter((row) => kept.indexOf(row.getAttribute("data-number")) >= 0);
  const told = document.querySelector("[data-found]");
  mine.forEach((row) => { row.classList.add("mine"); });
  if (mine.length) {
    told.textContent = "这部手机投的票在名单里：";
    mine.forEach((row) => {
      const link = document.createElement("a");
      link.className = "tap";
      link.href = "#n" + row.getAttribute("data-number");
      link.textContent = numberText(row.getAttribute("data-number"));
      told.appendChild(link);
    });
  } else if (kept.length) told.textContent = "这部手机存的号码不在名单里。重投过的，只公布最后一次的号码；在别的手机上重投的，请到那部手机上看。都不是的，请马上告诉社区。";
  else told.textContent = "这部手机没有存号码。请按您记下的号码在下面找。";
  told.hidden = false;
}
