// Parts of a form that belong to some choices only: data-when="name=a b".

export function showParts(form) {
  form.querySelectorAll("[data-when]").forEach((part) => {
    const wanted = part.getAttribute("data-when").split("=");
    const input = Array.from(form.elements).find((each) => each.name === wanted[0] && (each.type !== "radio" || each.checked));
    part.hidden = !input || wanted[1].split(" ").indexOf(input.value) < 0;
  });
}
