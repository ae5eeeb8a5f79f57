// A field of proofs: photos are shrunk, sent at once, and the record that follows names their ids.
//
//   {{ ui.evidence("evidence", "表决票照片", "paper_ballot", place.code) }}   and a page's module:
//   import { evidenceOf } from "../kernel/evidence.js";   evidenceOf(form, "evidence") -> [ids]

import { newKey, upload } from "./api.js";
import { report } from "./base.js";
import { shrink } from "./photo.js";

const kept = new WeakMap();

export function evidenceOf(form, name) {
  const box = form.querySelector('[data-evidence][data-field="' + name + '"]');
  return box ? (kept.get(box) || []).slice() : [];
}

function draw(box, ids) {
  const list = box.querySelector("ul"), most = Number(box.getAttribute("data-most"));
  while (list.firstChild) list.removeChild(list.firstChild);
  ids.forEach((id, i) => {
    const item = document.createElement("li"), image = document.createElement("img"), drop = document.createElement("button");
    image.src = "/api/v1/evidence/" + id;
    image.alt = "照片" + (i + 1);
    drop.type = "button";
    drop.className = "btn";
    drop.textContent = "去掉这张";
    drop.addEventListener("click", () => { ids.splice(i, 1); draw(box, ids); });
    item.appendChild(image);
    item.appendChild(drop);
    list.appendChild(item);
  });
  box.querySelector("label").hidden = ids.length >= most;
}

async function add(box, ids, file) {
  const form = new FormData();
  form.append("purpose", box.getAttribute("data-evidence"));
  form.append("place", box.getAttribute("data-place"));
  form.append("file", await shrink(file), "p.jpg");
  ids.push((await upload("/api/v1/evidence", form, newKey())).file);
}

document.querySelectorAll("[data-evidence]").forEach((box) => {
  const ids = [], input = box.querySelector("input[type=file]"), word = box.querySelector("[data-word]");
  if (!input) return; // photos that are only shown
  kept.set(box, ids);
  input.addEventListener("change", async () => {
    const most = Number(box.getAttribute("data-most")), said = word.textContent;
    const files = Array.from(input.files).slice(0, most - ids.length);
    input.value = "";
    input.disabled = true;
    word.textContent = "正在上传…";
    try {
      for (let i = 0; i < files.length; i += 1) await add(box, ids, files[i]);
    } catch (problem) {
      report(problem);
    }
    input.disabled = false;
    word.textContent = said;
    draw(box, ids);
  });
});
