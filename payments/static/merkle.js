// The fingerprint of a published list, recomputed on the reader's own phone.
// RFC 6962: leaf = SHA-256(0x00 text), node = SHA-256(0x01 left right).

export const hex = (bytes) => Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");

function hash(first, parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 1);
  const all = new Uint8Array(size);
  all[0] = first;
  let at = 1;
  parts.forEach((part) => { all.set(part, at); at += part.length; });
  return crypto.subtle.digest("SHA-256", all).then((digest) => new Uint8Array(digest));
}

export const leafOf = (text) => hash(0, [new TextEncoder().encode(text)]);

export async function rootOf(leaves) {
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at + 1 < level.length; at += 2) above.push(await hash(1, [level[at], level[at + 1]]));
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level[0];
}

// The leaves of a publication as the API tells it: its header, then its rows.
export function textsOf(list) {
  return [list.header].concat(list.rows.map((row) => row.text));
}

export function recomputed(list) {
  return Promise.all(textsOf(list).map(leafOf)).then(rootOf).then(hex);
}
