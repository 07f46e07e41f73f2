// What must outlive the page: which meetings it records, and sound that the server does not have.
const NAME = "meeting-app-live";
const VERSION = 1;

const done = (request) =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
const ended = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error));
  });
const framesOf = (key, first = 0, before = Infinity) =>
  IDBKeyRange.bound([key, first], [key, before], false, true);

// Fails with the browser's DOMException where it keeps nothing, as in some private windows.
export async function openStore(name = NAME) {
  const request = indexedDB.open(name, VERSION);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore("meetings", { keyPath: "key" });
    request.result.createObjectStore("frames");
  });
  return new Store(await done(request));
}

class Store {
  #database;

  constructor(database) {
    this.#database = database;
    // Another tab with a newer page must not wait for this one.
    database.addEventListener("versionchange", () => database.close());
  }

  #begin(name, mode = "readonly") {
    return this.#database.transaction(name, mode, { durability: "relaxed" });
  }

  // `frames` is a list of [sequence, samples].
  async save(key, frames) {
    const transaction = this.#begin("frames", "readwrite");
    const place = transaction.objectStore("frames");
    for (const [sequence, samples] of frames) place.put(samples, [key, sequence]);
    transaction.commit?.();
    await ended(transaction);
  }

  // Up to `count` of the frames from `first` on, as a list of [sequence, samples].
  async read(key, first, count) {
    const place = this.#begin("frames").objectStore("frames");
    const range = framesOf(key, first);
    const [keys, values] = await Promise.all([
      done(place.getAllKeys(range, count)),
      done(place.getAll(range, count)),
    ]);
    return keys.map(([, sequence], index) => [sequence, values[index]]);
  }

  // The number after the last frame kept; null when none is.
  async end(key) {
    const place = this.#begin("frames").objectStore("frames");
    const cursor = await done(place.openKeyCursor(framesOf(key), "prev"));
    return cursor ? cursor.key[1] + 1 : null;
  }

  async forget(key, before = Infinity) {
    const transaction = this.#begin("frames", "readwrite");
    transaction.objectStore("frames").delete(framesOf(key, 0, before));
    await ended(transaction);
  }

  async remember(meeting) {
    const transaction = this.#begin("meetings", "readwrite");
    transaction.objectStore("meetings").put(meeting);
    await ended(transaction);
  }

  async meetings() {
    return done(this.#begin("meetings").objectStore("meetings").getAll());
  }

  async remove(key) {
    await this.forget(key);
    const transaction = this.#begin("meetings", "readwrite");
    transaction.objectStore("meetings").delete(key);
    await ended(transaction);
  }
}

// The same for browsers that keep nothing: a reload forgets.
export class MemoryStore {
  #meetings = new Map();
  save = async () => undefined;
  read = async () => [];
  end = async () => null;
  forget = async () => undefined;
  remember = async (meeting) => void this.#meetings.set(meeting.key, meeting);
  meetings = async () => [...this.#meetings.values()];
  remove = async (key) => void this.#meetings.delete(key);
}
