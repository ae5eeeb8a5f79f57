// What a person typed or scanned, as a 10-character door code; "" when it cannot be one.
// The same reading as kernel/places/rules.py: case, spaces and hyphens forgiven, O is 0, I and L are 1,
// and of a scanned address the last part counts.

export function readDoorCode(text) {
  const tail = text.trim().replace(/\/+$/, "").split("/").pop().split("?")[0].split("#")[0];
  const plain = tail.replace(/[\s\-－—_]/g, "").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{10}$/.test(plain) ? plain : "";
}
