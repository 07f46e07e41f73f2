// The meeting that this tab records or watches; one at a time. Parts of the page listen to it.
import { Connection } from "./connection.js";
import { FRAME, Framer, RATE } from "./frames.js";
import { Microphone } from "./microphone.js";
import { Meeting } from "./model.js";
import { Outbox } from "./outbox.js";
import { MemoryStore, openStore } from "./store.js";
import { Tabs } from "./tabs.js";

const VERSION = 1;
const SILENT = 20; // seconds of digital silence before we ask whether the microphone is muted
const CLIPPING = 3; // samples at full scale in a block that are worth a warning
const CLIPPING_SHOWN = 3_000; // ms
const LIVE = ["recording", "paused"];
const unnamed = (number) => window.meetingApp.t("Speaker {number}", { number });

// Told: "status" (what this tab does, or how well), "level" (per block), "event" (of the server).
class Session {
  #listeners = new Map();
  #connection = null;
  #outbox = null;
  #microphone = null;
  #framer = new Framer();
  #tabs = new Tabs();
  #numSilent = 0;
  #isFresh = false; // welcomed, and the state has not come yet
  #isPausing = false; // the last sample has not come yet

  constructor() {
    this.silentAfter = SILENT;
    this.store = openStore().catch(() => new MemoryStore());
    this.#reset("idle");
  }

  #reset(status) {
    this.#connection?.close();
    [this.#connection, this.#outbox, this.#microphone] = [null, null, null];
    this.#framer = new Framer();
    this.#numSilent = 0;
    Object.assign(this, { status, problem: null, message: "", record: null, id: null, meeting: new Meeting(unnamed) });
    Object.assign(this, { isUp: null, isKept: true, isMicrophoneGone: false, isSilent: false });
    Object.assign(this, { level: 0, clippedAt: -Infinity, numCaptured: 0, startedAt: null });
    this.#tell("status");
  }

  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, []);
    this.#listeners.get(name).push(listener);
  }
  #tell(name, detail) {
    for (const listener of this.#listeners.get(name) ?? []) listener(detail);
  }
  #become(status, problem = null) {
    Object.assign(this, { status, problem });
    this.#tell("status");
  }

  get isRecording() {
    return LIVE.includes(this.status);
  }
  get isBusy() {
    return this.isRecording || ["starting", "ending"].includes(this.status);
  }
  // Seconds of sound that the server does not have for sure.
  get backlog() {
    return ((this.#outbox?.backlog ?? 0) * FRAME) / RATE;
  }
  get seconds() {
    return this.#outbox?.seconds ?? this.meeting.position;
  }
  get isClipping() {
    return performance.now() - this.clippedAt < CLIPPING_SHOWN;
  }
  get microphoneName() {
    return this.#microphone?.name ?? "";
  }
  get microphoneId() {
    return this.#microphone?.id ?? "";
  }

  // Meetings that a tab of this browser has begun and nobody has ended.
  async unfinished() {
    return (await this.store).meetings();
  }
  async forget(record) {
    await (await this.store).remove(record.key);
  }
  isHeldElsewhere(record) {
    return this.#tabs.isHeldElsewhere(record.key);
  }

  async start({ title, language, device }) {
    const begun = Date.now();
    const key = crypto.randomUUID();
    await this.#capture({ key, id: null, token: null, title, language, begun, orders: [] }, device);
  }

  // Goes on with a meeting after a reload, a crash or in place of another tab.
  async goOn(record, device = "") {
    await this.#tabs.takeOver(record.key);
    await this.#capture(await this.#latest(record), device);
  }

  // As it was left by the tab that recorded last.
  async #latest(record) {
    return (await this.unfinished()).find(({ key }) => key === record.key) ?? record;
  }

  async #capture(record, device) {
    this.#reset("starting");
    const microphone = this.#newMicrophone();
    try {
      await microphone.open(device);
    } catch (failure) {
      await microphone.close();
      this.#become("idle", failure.code ?? "busy");
      return;
    }
    this.#microphone = microphone;
    await this.#prepare(record);
    this.#become("recording");
    microphone.on();
    this.#connect();
  }

  // Sends what is left of a meeting that nobody records any more, and ends it.
  async finish(record) {
    await this.#tabs.takeOver(record.key);
    this.#reset("ending");
    await this.#prepare(await this.#latest(record));
    this.#outbox.order({ type: "end" });
    this.#connect();
  }

  async #prepare(record) {
    const store = await this.store;
    this.record = record;
    this.id = record.id;
    const isNew = record.id === null && (await store.end(record.key)) === null;
    this.#outbox = new Outbox(store, record.key, { isNew });
    this.#outbox.onproblem = () => {
      this.isKept = false;
      this.#tell("status");
    };
    this.#outbox.restore(record.orders ?? []);
    await store.remember(record).catch(this.#outbox.onproblem);
    this.#tabs.hold(record.key, () => this.#release());
    this.isKept = !(store instanceof MemoryStore);
  }

  #newMicrophone() {
    return new Microphone({
      onblock: (block) => this.#hear(block),
      onchange: (event) => {
        this.isMicrophoneGone = event === "gone" || event === "lost" || (event === "devices" && this.isMicrophoneGone);
        this.#tell("microphone", event);
        this.#tell("status");
      },
    });
  }

  #hear({ samples, peak, numClipped }) {
    if (!this.#outbox) return;
    this.startedAt ??= performance.timeOrigin + performance.now() - (1_000 * samples.length) / RATE;
    this.numCaptured += samples.length;
    this.level = peak;
    if (numClipped >= CLIPPING) this.clippedAt = performance.now();
    this.#numSilent = samples.every((sample) => sample === 0) ? this.#numSilent + samples.length : 0;
    const isSilent = this.#numSilent >= this.silentAfter * RATE;
    for (const frame of this.#framer.push(samples)) this.#outbox.push(frame);
    this.#connection?.check();
    this.#connection?.pump();
    if (isSilent !== this.isSilent) {
      this.isSilent = isSilent;
      this.#tell("status");
    }
    this.#tell("level");
    if (this.#outbox.isFull && this.status === "recording" && !this.#isPausing) {
      this.#tell("notice", { code: "backlog" });
      this.pause();
    }
  }

  #connect() {
    this.#connection?.close();
    // One after the other, although some wait for the disk.
    let queue = Promise.resolve();
    const connection = new Connection({
      hello: () => this.#hello(),
      onmessage: (event, time) => {
        queue = queue.then(() => this.#connection === connection && this.#receive(event, time)).catch(reportError);
      },
      onlost: () => {
        this.isUp = false;
        this.#tell("status");
      },
      take: () => this.#outbox?.take() ?? null,
    });
    this.#connection = connection;
  }

  #hello() {
    const hello = { type: "hello", version: VERSION };
    if (!this.#outbox) return { ...hello, role: "view", meeting: this.id };
    if (this.id) return { ...hello, role: "record", meeting: this.id, token: this.record.token };
    const { title, language } = this.record;
    return { ...hello, role: "record", title: title || null, language: language || null };
  }

  async #receive(event, time) {
    if (event.type === "welcome") await this.#welcomed(event);
    else if (event.type === "ack") this.#outbox?.acknowledge(event.next);
    else if (event.type === "error") await this.#failed(event);
    else if (event.type !== "pong") await this.#happened(event, time);
    if (event.type === "ack" && this.status === "ending") this.#tell("status");
  }

  async #welcomed({ meeting, token, next }) {
    this.#isFresh = true;
    this.id = meeting;
    if (!this.#outbox) return;
    this.record = { ...this.record, id: meeting, token: token ?? this.record.token };
    await this.#outbox.begin(next);
    await this.#remember();
  }

  async #remember() {
    this.record.orders = this.#outbox.orders;
    await (await this.store).remember(this.record).catch(this.#outbox.onproblem);
  }

  async #failed({ code, message, fatal, next }) {
    if (code === "gap") {
      this.#outbox?.rewind(next);
      this.#connection.pump();
      return;
    }
    if (!fatal) {
      this.#tell("notice", { code, message });
      return;
    }
    this.message = message;
    await this.#stopCapture();
    if (code === "ended" && this.#outbox) {
      this.#ended(); // the connection comes back as a viewer's
      return;
    }
    this.#connection?.close();
    this.#tabs.drop();
    this.#become(code === "taken" ? "taken" : "stopped", code);
  }

  async #happened(event, time) {
    if (event.type === "state") this.#stateCame(event);
    this.#outbox?.confirm(event);
    const change = this.meeting.apply(event);
    this.#tell("event", { event, change, time });
    const { phase } = this.meeting;
    if (phase === "sealing" && this.status !== "sealing") this.#ended();
    if (phase === "sealed" && this.status !== "sealed") await this.#sealed();
    if (phase === "failed") this.#become("stopped", "failed");
  }

  #stateCame(state) {
    this.isUp = true;
    if (this.#isFresh && this.#outbox) {
      this.#outbox.reconcile(state);
      const isWaiting = this.#outbox.orders.some(({ message }) => message.type === "resume");
      if (state.is_paused && this.status === "recording" && !isWaiting) this.#outbox.order({ type: "resume" });
    }
    this.#isFresh = false;
    this.#connection.isReady = true;
    this.#connection.pump();
    this.#tell("status");
  }

  // The server has all sound and the order to end: from here on this tab only watches.
  #ended() {
    this.#outbox?.clear();
    [this.#outbox, this.record] = [null, null];
    this.#tabs.drop();
    this.#become("sealing");
  }

  async #sealed() {
    this.#ended();
    this.#connection?.close();
    this.#become("sealed");
  }

  async view(id) {
    this.#reset("viewing");
    this.id = id;
    this.#connect();
  }

  #order(message) {
    if (!this.#outbox) return;
    this.#outbox.order(message);
    this.#remember();
    this.#connection?.pump();
  }

  async #cut() {
    await this.#microphone?.off();
    for (const frame of this.#framer.flush()) this.#outbox.push(frame);
    await this.#outbox?.flush();
  }

  async pause() {
    if (this.status !== "recording" || this.#isPausing) return;
    this.#isPausing = true;
    await this.#cut().finally(() => (this.#isPausing = false));
    if (this.status !== "recording") return; // ended meanwhile
    this.#order({ type: "pause" });
    this.#become("paused"); // only now, or going on at once would overtake it
  }
  resume() {
    if (this.status !== "paused" || this.#outbox.isFull) return;
    this.#order({ type: "resume" });
    this.#microphone.on();
    this.#become("recording");
  }
  mark(note = "") {
    if (this.isRecording) this.#order({ type: "mark", note });
  }
  name(label, name) {
    this.#order({ type: "name", label, name: name || null });
  }
  edit(line, text) {
    this.#order({ type: "edit", line, text });
  }
  get canChange() {
    return this.#outbox !== null && this.isRecording;
  }

  async end() {
    if (!this.isRecording) return;
    this.#become("ending");
    await this.#stopCapture();
    this.#order({ type: "end" });
  }

  async #stopCapture() {
    const microphone = this.#microphone;
    if (!microphone) return;
    await microphone.close();
    this.#microphone = null;
    for (const frame of this.#framer.flush()) this.#outbox?.push(frame);
    await this.#outbox?.flush();
  }

  // Another tab goes on: it finds on the disk what the server does not have.
  async #release() {
    await this.#stopCapture();
    this.#connection?.close();
    this.#become("taken", "taken");
  }

  async chooseMicrophone(id) {
    try {
      await this.#microphone?.open(id);
      this.isMicrophoneGone = false;
    } catch (failure) {
      this.#tell("notice", { code: failure.code ?? "busy" });
    }
    this.#tell("status");
  }

  leave() {
    this.#tabs.drop();
    this.#reset("idle");
  }

  // Puts on the disk what is only in memory; the page may be about to go.
  save() {
    this.#outbox?.flush();
  }
}

export const session = new Session();
