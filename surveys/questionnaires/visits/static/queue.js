// What was filled in at the doors and has not reached the server yet, in the phone's own database (IndexedDB).
//
// An entry: {key, worker, campaign, dwelling, label, page, made, state, body, questions, problem}
//   key: the Idempotency-Key it is sent under, made with it, so that sent twice it counts once
//   page: where it was filled in, and is looked after
//   state: waiting | refused | sent; of what was sent only that it was is kept.

const NAME = "gongjian-visits", STORE = "entries";

function database() {
  return new Promise((done, fail) => {
    if (!window.indexedDB) { fail(new Error("no-database")); return; }
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

let opened = null;

// Resolves when the phone says it is written, not before.
async function within(mode, work) {
  if (!opened) {
    opened = database();
    opened.catch(() => { opened = null; });
  }
  const base = await opened;
  return new Promise((done, fail) => {
    const deed = base.transaction(STORE, mode), asked = work(deed.objectStore(STORE));
    deed.oncomplete = () => done(asked.result);
    deed.onerror = deed.onabort = () => fail(deed.error || new Error("not-kept"));
  });
}

export const put = (entry) => within("readwrite", (store) => store.put(entry));
export const drop = (key) => within("readwrite", (store) => store.delete(key));

// What of a worker's has not arrived, of all campaigns.
export async function unsent(worker) {
  const all = await within("readonly", (store) => store.getAll());
  return all.filter((one) => one.worker === worker && one.state !== "sent");
}

// The entries of one worker in one campaign, oldest first.
export async function entries(worker, campaign) {
  const all = await within("readonly", (store) => store.getAll());
  return all.filter((one) => one.worker === worker && one.campaign === campaign).sort((a, b) => a.made - b.made);
}
