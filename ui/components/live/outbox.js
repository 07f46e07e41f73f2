// What waits to be sent or acknowledged: sound in its order, and orders at their place within it.
import { FRAME, RATE, pack } from "./frames.js";

const LIMITS = {
  batch: 10, // frames between two writes to the disk: 0.2 s
  spare: 100, // acknowledged frames kept: a power cut at the server may take its last second
  memory: 3_000, // frames kept besides the disk: one minute
  most: 360_000, // frames that may wait: two hours
  read: 200, // frames read back at once
};
// What the server says when it has followed an order.
const ECHOES = { pause: "paused", resume: "paused", mark: "marked", name: "named", edit: "edited", end: "sealing" };
const NEAR = 0.5; // seconds between a mark as asked for and as set

export class Outbox {
  #store;
  #key;
  #limits;
  #frames = new Map(); // sequence → samples
  #orders = []; // {before: sequence, message, isSent, wasSent}
  #early = []; // captured before it was known how to number it
  #saved = 0; // all before are on the disk or acknowledged
  #isOnDisk = false;
  #sent = 0;
  #forgotten = 0; // all before are off the disk

  // A meeting that goes on is numbered by the server: `begin` is then called with its number.
  constructor(store, key, { isNew = true, limits = {} } = {}) {
    this.#store = store;
    this.#key = key;
    this.#limits = { ...LIMITS, ...limits };
    this.isNumbered = isNew;
    this.next = 0;
    this.acknowledged = 0;
    this.onproblem = () => undefined;
  }

  get backlog() {
    return this.next - this.acknowledged + this.#early.length;
  }
  // Of sound, with what has been recorded before.
  get seconds() {
    return ((this.next + this.#early.length) * FRAME) / RATE;
  }
  get isFull() {
    return this.backlog >= this.#limits.most;
  }
  get orders() {
    return this.#orders.map(({ before, message }) => ({ before, message }));
  }

  // The server waits for frame `number`; known already or not, sending goes on from there.
  async begin(number) {
    if (!this.isNumbered) {
      this.next = Math.max(number, (await this.#store.end(this.#key)) ?? 0);
      this.#saved = this.next;
      this.#isOnDisk = true;
      this.isNumbered = true;
      this.#early.splice(0).forEach((samples) => this.push(samples));
    }
    this.next = Math.max(this.next, number);
    this.rewind(number);
    for (const order of this.#orders) order.isSent = false;
  }

  rewind(number) {
    this.#sent = number;
    this.acknowledged = Math.min(number, this.next);
  }

  push(samples) {
    if (this.isFull) return false;
    if (!this.isNumbered) {
      this.#early.push(samples);
      return true;
    }
    this.#frames.set(this.next, samples);
    this.next += 1;
    if (this.next % this.#limits.batch === 0) this.flush();
    return true;
  }

  order(message) {
    this.#orders.push({ before: this.next, message, isSent: false });
  }
  restore(orders) {
    this.#orders.push(...orders.map((order) => ({ ...order, isSent: false })));
  }

  // Writes what is not acknowledged; resolves when it is on the disk.
  async flush() {
    const first = Math.max(this.#saved, this.acknowledged);
    const frames = [];
    for (let number = first; number < this.next; number += 1) {
      if (this.#frames.has(number)) frames.push([number, this.#frames.get(number)]);
    }
    this.#saved = this.next;
    if (!frames.length) return;
    this.#isOnDisk = true;
    try {
      await this.#store.save(this.#key, frames);
      this.#shrink();
    } catch (failure) {
      this.onproblem(failure);
    }
  }

  #shrink() {
    const surplus = this.#frames.size - this.#limits.memory;
    let numGone = 0;
    for (const number of this.#frames.keys()) {
      if (numGone >= surplus || number >= this.#saved) break;
      this.#frames.delete(number);
      numGone += 1;
    }
  }

  acknowledge(number) {
    this.acknowledged = Math.max(this.acknowledged, Math.min(number, this.next));
    this.#sent = Math.max(this.#sent, this.acknowledged);
    for (const kept of this.#frames.keys()) {
      if (kept >= this.acknowledged - this.#limits.spare) break;
      this.#frames.delete(kept);
    }
    const isDue = this.acknowledged - this.#forgotten >= this.#limits.spare;
    if (!this.#isOnDisk || (!isDue && this.acknowledged < this.#saved)) return;
    this.#isOnDisk = this.acknowledged < this.#saved;
    this.#forgotten = this.acknowledged;
    this.#store.forget(this.#key, this.acknowledged).catch(this.onproblem);
  }

  // The next message to send, a promise of it when it must be read first, or null.
  take() {
    const order = this.#orders.find((waiting) => !waiting.isSent);
    if (order && this.isNumbered && order.before <= this.#sent) {
      order.isSent = order.wasSent = true;
      return JSON.stringify(order.message);
    }
    if (!this.isNumbered || this.#sent >= this.next) return null;
    const number = this.#sent;
    const samples = this.#frames.get(number);
    if (!samples) return this.#load(number);
    this.#sent = number + 1;
    return pack(number, samples);
  }

  async #load(first) {
    const read = new Map(await this.#store.read(this.#key, first, this.#limits.read));
    const kept = [...this.#frames.keys()].filter((number) => number > first);
    const end = Math.min(first + this.#limits.read, this.next, ...kept);
    for (let number = first; number < end; number += 1) {
      // Sound that neither side has any more becomes silence: times after it stay right.
      this.#frames.set(number, read.get(number) ?? new Int16Array(FRAME));
    }
    this.#frames = new Map([...this.#frames].sort(([a], [b]) => a - b));
    return this.take();
  }

  // An event of the server: the oldest order it answers is done.
  confirm(event) {
    const index = this.#orders.findIndex(
      ({ message, isSent }) =>
        isSent &&
        (ECHOES[message.type] === event.type || (message.type === "end" && event.type === "sealed")) &&
        (event.type !== "named" || message.label === event.label) &&
        (event.type !== "edited" || message.line === event.line) &&
        (event.type !== "paused" || (message.type === "pause") === event.is_paused),
    );
    if (index >= 0) this.#orders.splice(index, 1);
  }

  // After a connection broke: orders that the state shows to be followed are not given again.
  reconcile(state) {
    const isPausing = ({ message }) => message.type === "pause" || message.type === "resume";
    const last = this.#orders.findLast((order) => order.wasSent && isPausing(order));
    const isDone = {
      mark: ({ note }, time) =>
        state.marks.some(([at, text]) => text === note && Math.abs(at - time) < NEAR),
      name: ({ label, name }) => (state.names[label] ?? null) === name,
      end: () => state.phase !== "recording" && state.phase !== "interrupted",
    };
    this.#orders = this.#orders.filter((order) => {
      const { message, before, wasSent } = order;
      if (!wasSent) return true;
      // Of several only the last counts, and only when the server does not stand there yet.
      if (isPausing(order)) return order === last && state.is_paused !== (message.type === "pause");
      return !isDone[message.type]?.(message, (before * FRAME) / RATE);
    });
  }

  async clear() {
    this.#frames.clear();
    this.#orders = [];
    await this.#store.remove(this.#key);
  }
}
