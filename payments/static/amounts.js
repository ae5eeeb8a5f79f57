// Yuan as people type them, in whole fen; no floats on the way.

// "300", "1,300.5" -> fen as a whole number; "" -> null; anything else (0.001, -5, 1e30) -> NaN.
export function fenFrom(text) {
  const plain = text.replace(/[,，\s]/g, "").replace("。", ".").replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - 0xff10));
  if (!plain) return null;
  const parts = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(plain);
  return parts ? parseInt(parts[1] + ((parts[2] || "") + "00").slice(0, 2), 10) : NaN;
}

export function yuan(fen) {
  const text = String(fen).padStart(3, "0");
  return text.slice(0, -2) + "." + text.slice(-2);
}

export const BAD_AMOUNT = "请填大于 0 的金额，例如 500 或 500.50。";
