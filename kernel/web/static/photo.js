// Shrinks a photo before it is sent: at most `side` px on the longer side, JPEG. A phone's 8 MB become ~300 kB.
//   shrink(file).then(blob => …)   rejects with a sentence to show when the file is no picture.

export function shrink(file, side, quality) {
  const limit = side || 1600;
  return new Promise((done, fail) => {
    const url = URL.createObjectURL(file), image = new Image();
    image.onload = () => {
      const scale = Math.min(1, limit / Math.max(image.naturalWidth, image.naturalHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff"; // a transparent PNG would turn black as JPEG
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(url);
      canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("照片处理不了，请换一张。"))), "image/jpeg", quality || 0.82);
    };
    image.onerror = () => { URL.revokeObjectURL(url); fail(new Error("这个文件不是照片，请重新拍一张。")); };
    image.src = url;
  });
}
