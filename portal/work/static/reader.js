// Reads a QR code out of pixels: the browser's own BarcodeDetector where it exists, else jsQR (loaded when needed).

let jsqr = null;

function loadJsqr() {
  if (!jsqr) jsqr = import("./vendor/jsQR.js").then(() => self.jsQR);
  return jsqr;
}

function detector() {
  if (!("BarcodeDetector" in window)) return Promise.resolve(null);
  return window.BarcodeDetector.getSupportedFormats()
    .then((formats) => (formats.indexOf("qr_code") >= 0 ? new window.BarcodeDetector({ formats: ["qr_code"] }) : null))
    .catch(() => null);
}

// Gives a function canvas -> Promise of the text, "" when there is none.
export function makeReader() {
  return detector().then((found) => {
    if (found) return (canvas) => found.detect(canvas).then((codes) => (codes.length ? codes[0].rawValue : ""), () => "");
    return loadJsqr().then((read) => (canvas) => {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const code = read(pixels.data, pixels.width, pixels.height, { inversionAttempts: "dontInvert" });
      return Promise.resolve(code ? code.data : "");
    });
  });
}

// Draws a part of a picture (sx, sy, sw, sh) on a canvas whose longer side is at most `side`.
export function draw(picture, sx, sy, sw, sh, side) {
  const scale = Math.min(1, side / Math.max(sw, sh));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(sw * scale));
  canvas.height = Math.max(1, Math.round(sh * scale));
  canvas.getContext("2d").drawImage(picture, sx, sy, sw, sh, 0, 0, canvas.width, canvas.height);
  return canvas;
}
