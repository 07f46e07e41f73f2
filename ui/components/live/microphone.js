// The microphone: chosen, lost, found again; its sound comes in blocks of 16 kHz mono.
import { RATE } from "./frames.js";

// What is said stays as it was said: the models are made for sound that nobody has cleaned.
const PLAIN = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const PROBLEMS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

export const isPossible = () => window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);

// The microphones as [{id, name}]; names are empty until one was allowed.
export async function microphones() {
  if (!isPossible()) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind, deviceId }) => kind === "audioinput" && deviceId)
    .map(({ deviceId, label }) => ({ id: deviceId, name: label }));
}

export class MicrophoneError extends Error {
  // `code`: insecure, denied, none or busy.
  constructor(code) {
    super(code);
    this.code = code;
  }
}

async function openStream(id) {
  if (!isPossible()) throw new MicrophoneError("insecure");
  try {
    const device = id ? { deviceId: { exact: id } } : {};
    return await navigator.mediaDevices.getUserMedia({ audio: { ...PLAIN, ...device } });
  } catch (failure) {
    throw new MicrophoneError(PROBLEMS[failure.name] ?? "busy");
  }
}

export class Microphone {
  #stream = null;
  #context = null;
  #source = null;
  #node = null;
  #wanted; // the device that was asked for
  #isOn = false;
  #isSearching = false;
  #onLast = null;

  // onblock({samples, peak, numClipped}); onchange(event): "lost", "gone", "back" or "devices".
  constructor({ onblock, onchange }) {
    Object.assign(this, { onblock, onchange });
    this.ondevices = () => this.#devicesChanged();
    navigator.mediaDevices?.addEventListener("devicechange", this.ondevices);
  }

  get name() {
    return this.#stream?.getAudioTracks()[0]?.label ?? "";
  }
  get id() {
    return this.#stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  }

  // Fails with a MicrophoneError; what was open before then stays open.
  async open(id) {
    const stream = await openStream(id);
    this.#wanted = id || stream.getAudioTracks()[0].getSettings().deviceId;
    await this.#attach(stream);
  }

  async #attach(stream) {
    this.#detach();
    this.#stream = stream;
    const [track] = stream.getAudioTracks();
    track.addEventListener("ended", () => this.#ended(track));
    try {
      await this.#connect(RATE);
    } catch (failure) {
      if (failure.name !== "NotSupportedError") throw failure;
      await this.#closeContext(); // this browser does not resample microphones: we do
      await this.#connect(undefined);
    }
    await this.#context.resume();
  }

  async #connect(sampleRate) {
    if (!this.#context) {
      this.#context = new AudioContext({ sampleRate, latencyHint: "interactive" });
      await this.#context.audioWorklet.addModule(new URL("./worklet.js", import.meta.url));
      this.#node = new AudioWorkletNode(this.#context, "capture", { numberOfOutputs: 0 });
      this.#node.port.onmessage = ({ data }) => this.#receive(data);
      this.#node.port.postMessage(this.#isOn ? "on" : "off");
      this.#context.addEventListener("statechange", () => this.#stateChanged());
    }
    this.#source = this.#context.createMediaStreamSource(this.#stream);
    this.#source.connect(this.#node);
  }

  #stateChanged() {
    // A phone call or another program takes the sound away; browsers let us ask for it again.
    if (["suspended", "interrupted"].includes(this.#context?.state)) this.#context.resume();
  }

  #receive(block) {
    if (block.samples.length) this.onblock(block);
    if (block.isLast) {
      this.#onLast?.();
      this.#onLast = null;
    }
  }

  on() {
    this.#isOn = true;
    this.#node?.port.postMessage("on");
  }

  // Resolves when the last sample before it has come.
  async off(order = "off") {
    this.#isOn = false;
    if (!this.#node || this.#context.state === "closed") return;
    const last = new Promise((resolve) => (this.#onLast = resolve));
    this.#node.port.postMessage(order);
    // A context that the system has stopped answers late or never.
    await Promise.race([last, new Promise((resolve) => setTimeout(resolve, 1_000))]);
  }

  async #ended(track) {
    if (track !== this.#stream?.getAudioTracks()[0]) return;
    this.#detach();
    this.onchange("lost");
    await this.#search();
  }

  // Takes the device that was wanted, or else any.
  async #search() {
    if (this.#isSearching) return;
    this.#isSearching = true;
    try {
      const there = await microphones();
      const id = there.find((device) => device.id === this.#wanted)?.id ?? there[0]?.id;
      if (id === undefined) throw new MicrophoneError("none");
      await this.#attach(await openStream(id));
      this.onchange("back");
    } catch (failure) {
      if (!(failure instanceof MicrophoneError)) throw failure;
      this.onchange("gone");
    } finally {
      this.#isSearching = false;
    }
  }

  async #devicesChanged() {
    this.onchange("devices");
    if (!this.#context) return;
    const there = await microphones();
    const isBetterThere = this.id !== this.#wanted && there.some(({ id }) => id === this.#wanted);
    if (!this.#stream || isBetterThere) await this.#search();
  }

  #detach() {
    this.#source?.disconnect();
    this.#source = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  async #closeContext() {
    const context = this.#context;
    [this.#context, this.#node] = [null, null];
    if (context && context.state !== "closed") await context.close();
  }

  async close() {
    navigator.mediaDevices?.removeEventListener("devicechange", this.ondevices);
    await this.off("close");
    this.#detach();
    await this.#closeContext();
  }
}
