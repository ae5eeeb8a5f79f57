// The inner envelope of a secret ballot, sealed here so that nobody on the way or on the server can open it.
// The same bytes as surveys/votes/rules/envelope.py: version, ephemeral P-256 point, nonce, AES-256-GCM of padded JSON.

import { recall, remember } from "../kernel/base.js";

const NAME = "gongjian-envelope-1";
const KEPT = "secret-number:";
const POINT = { name: "ECDH", namedCurve: "P-256" };

const utf8 = (text) => new TextEncoder().encode(text);

export function canSeal() {
  return Boolean(window.crypto && crypto.subtle && crypto.getRandomValues && window.TextEncoder);
}

// Twelve digits, each as likely as any other: bytes above 249 are thrown away.
export function newNumber() {
  let digits = "";
  while (digits.length < 12) {
    crypto.getRandomValues(new Uint8Array(24)).forEach((byte) => {
      if (byte < 250 && digits.length < 12) digits += String(byte % 10);
    });
  }
  return digits;
}

export const numberText = (number) => number.slice(0, 4) + " " + number.slice(4, 8) + " " + number.slice(8);

// The numbers given out on this phone for a roll line, the newest first. Only the number is kept, never the choice.
export function keptNumbers(place) {
  try { return JSON.parse(recall(KEPT + place)) || []; } catch (error) { return []; }
}

export function keepNumber(place, number) {
  const kept = keptNumbers(place).filter((each) => each !== number);
  remember(KEPT + place, JSON.stringify([number].concat(kept)));
}

// All numbers on this phone of one vote, over its lines.
export function keptForVote(vote) {
  const start = KEPT + vote + ":";
  let names = [];
  try { names = Object.keys(localStorage).filter((name) => name.indexOf(start) === 0); } catch (error) { names = []; }
  return names.reduce((found, name) => found.concat(keptNumbers(name.slice(KEPT.length))), []);
}

function fromHex(text) {
  return new Uint8Array((text.match(/../g) || []).map((pair) => parseInt(pair, 16)));
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  parts.forEach((part) => { whole.set(part, at); at += part.length; });
  return whole;
}

function padded(text, length) {
  const bytes = utf8(text);
  if (bytes.length > length) throw new Error("ballot too long for its envelope");
  const whole = new Uint8Array(length).fill(32);
  whole.set(bytes);
  return whole;
}

// The envelope in base64. election: {publicKey (hex), vote, textHash, length}.
export async function seal(election, choices, number) {
  const subtle = crypto.subtle;
  const receiver = await subtle.importKey("raw", fromHex(election.publicKey), POINT, false, []);
  const ephemeral = await subtle.generateKey(POINT, true, ["deriveBits"]);
  const shared = await subtle.deriveBits({ name: "ECDH", public: receiver }, ephemeral.privateKey, 256);
  const material = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = utf8(NAME + "\n" + election.vote + "\n" + election.textHash);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: info };
  const key = await subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const text = padded(JSON.stringify({ choices: choices, number: number }), election.length);
  const sealed = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, text));
  const point = new Uint8Array(await subtle.exportKey("raw", ephemeral.publicKey));
  const whole = joined([new Uint8Array([1]), point, nonce, sealed]);
  let letters = "";
  whole.forEach((byte) => { letters += String.fromCharCode(byte); });
  return btoa(letters);
}
