// Every change goes through here: JSON in, JSON out, one Idempotency-Key a deed.
//
//   send("POST", "/api/v1/…", {…}).then(answer => …, problem => report(problem))
//
// The key is written down before the call goes out and crossed out when an answer is final, so a second tap,
// or the page opened again after the network died, repeats the same key and the deed is done once.
// problem: Error with status (0 = no answer came), code, detail (Chinese, to show), fields {name: [texts]}.

import { remember, recall, forget } from "./base.js";

const DAY_MS = 86400000;
const WAITS_MS = [1000, 3000];
const TIMEOUT_MS = 20000;
const UPLOAD_MS = 60000;

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// A fingerprint only: which body a kept key belongs to. The body itself is not kept here.
function fingerprint(text) {
  let a = 0xdeadbeef, b = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 2654435761);
    b = Math.imul(b ^ text.charCodeAt(i), 1597334677);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36) + text.length.toString(36);
}

const held = {};

function pendingKey(name, print) {
  let kept = held[name] || null;
  try { kept = kept || JSON.parse(recall(name)); } catch (error) { kept = null; }
  if (!kept || kept.print !== print || Date.now() - kept.at > DAY_MS) kept = { key: newKey(), print: print, at: Date.now() };
  held[name] = kept;
  remember(name, JSON.stringify(kept));
  return kept.key;
}

function drop(name) {
  delete held[name];
  forget(name);
}

function problemOf(status, body) {
  const problem = new Error((body && body.code) || "no-answer");
  problem.status = status;
  problem.code = (body && body.code) || (status ? "http-" + status : "no-answer");
  problem.detail = (body && body.detail) || (status ? "没有办成，请过一会儿再试。" : "网络不通，还没有收到回音。填好的内容还在，请再点一次，不会重复提交。");
  problem.fields = (body && body.fields) || {};
  return problem;
}

// body: JSON text, or a FormData (its boundary is the browser's business).
function once(method, url, body, key) {
  const stop = window.AbortController ? new AbortController() : null;
  const timer = setTimeout(() => { if (stop) stop.abort(); }, typeof body === "object" ? UPLOAD_MS : TIMEOUT_MS);
  const headers = { Accept: "application/json", "X-Requested-By": "gongjian" };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const end = (value) => { clearTimeout(timer); return value; };
  return fetch(url, { method: method, headers: headers, body: body, credentials: "same-origin", signal: stop ? stop.signal : undefined })
    .then((answer) => answer.text().then((body) => {
      let data = null;
      try { data = body ? JSON.parse(body) : null; } catch (error) { data = null; }
      return { status: answer.status, ok: answer.ok, data: data };
    }))
    .then(end, () => end({ status: 0, ok: false, data: null }));
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// options.key: a key of the caller's own (it keeps it); options.retry: false = one try only.
export async function send(method, url, body, options) {
  const given = options || {};
  const unsafe = method !== "GET" && method !== "HEAD";
  const text = unsafe ? JSON.stringify(body === undefined ? {} : body) : undefined;
  const name = "pending:" + method + " " + url;
  const key = !unsafe ? "" : given.key || pendingKey(name, fingerprint(text));
  let answer = await once(method, url, text, key);
  const waits = given.retry === false ? [] : WAITS_MS;
  for (let i = 0; i < waits.length && (answer.status === 0 || answer.status === 502 || answer.status === 504); i += 1) {
    await pause(waits[i]);
    answer = await once(method, url, text, key);
  }
  // 5xx, 429 and silence are not final: the key stays for the next tap. So does 401: sign in, come back, tap again.
  const open = answer.status === 0 || answer.status >= 500 || answer.status === 429 || answer.status === 401;
  if (unsafe && !given.key && !open) drop(name);
  if (answer.ok) return answer.data;
  throw problemOf(answer.status, answer.data);
}

// A form with files, once; the key is the caller's, who keeps it for another try.
export async function upload(url, form, key) {
  const answer = await once("POST", url, form, key);
  if (answer.ok) return answer.data;
  throw problemOf(answer.status, answer.data);
}
