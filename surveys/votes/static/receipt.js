// The receipt: its row is sealed into the audit chain within about a second; ask a few times and then say where it stands.

import { send } from "../kernel/api.js";

const place = document.querySelector("[data-chain]");
const hash = document.querySelector("[data-chain-hash]");

function ask(triesLeft) {
  send("GET", place.getAttribute("data-chain")).then((receipt) => {
    if (receipt.chain_position) {
      place.textContent = "第 " + receipt.chain_position + " 号";
      hash.textContent = receipt.chain_hash;
      hash.parentNode.hidden = false;
    } else if (triesLeft > 0) setTimeout(() => ask(triesLeft - 1), 1500);
    else place.textContent = "稍后登记，刷新可见";
  }, () => { place.textContent = "稍后登记，刷新可见"; });
}

if (place && !place.getAttribute("data-sealed")) setTimeout(() => ask(4), 1000);
