// A signature pad on a <canvas class="sign-pad">. Touch and mouse by hand: iOS 12 has no pointer events.
//   const pad = signature(canvas, () => changed());  pad.clear(); pad.isEmpty(); pad.toDataURL() -> PNG

export function signature(canvas, changed) {
  const pen = canvas.getContext("2d");
  let last = null, empty = true;
  function fit() {
    const box = canvas.getBoundingClientRect(), scale = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = box.width * scale;
    canvas.height = box.height * scale;
    pen.scale(scale, scale);
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#111";
    empty = true;
  }
  function at(event) {
    const box = canvas.getBoundingClientRect(), finger = event.touches ? event.touches[0] : event;
    return [finger.clientX - box.left, finger.clientY - box.top];
  }
  function start(event) { event.preventDefault(); if (empty && !canvas.width) fit(); last = at(event); move(event); }
  function move(event) {
    if (!last) return;
    event.preventDefault();
    const to = at(event);
    pen.beginPath();
    pen.moveTo(last[0], last[1]);
    pen.lineTo(to[0], to[1] + 0.01);
    pen.stroke();
    last = to;
    empty = false;
  }
  function end() { if (last) { last = null; if (changed) changed(); } }
  canvas.addEventListener("touchstart", start, { passive: false });
  canvas.addEventListener("touchmove", move, { passive: false });
  canvas.addEventListener("touchend", end);
  canvas.addEventListener("mousedown", start);
  canvas.addEventListener("mousemove", move);
  window.addEventListener("mouseup", end);
  fit();
  return {
    clear: () => { fit(); if (changed) changed(); },
    refit: fit, // after the canvas became visible; wipes it
    isEmpty: () => empty,
    toDataURL: () => canvas.toDataURL("image/png"),
  };
}
