// Runs on the audio thread: any number of channels at any rate become blocks of 16 kHz mono.
import { FRAME, RATE, toMono, toPcm16 } from "./frames.js";
import { Resampler } from "./resample.js";

const CLIPPED = 0.999; // of full scale

class Capture extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, RATE);
  #waiting = [];
  #numWaiting = 0;
  #peak = 0;
  #numClipped = 0;
  #isOn = true;
  #isOver = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.#obey(data);
  }

  process([channels]) {
    if (this.#isOn && channels.length) this.#listen(toMono(channels));
    return !this.#isOver;
  }

  #obey(order) {
    if (order === "on") this.#isOn = true;
    if (order === "off" || order === "close") {
      if (this.#isOn) this.#gather(this.#resampler.flush());
      this.#isOn = false;
      this.#post(true);
      this.#resampler = new Resampler(sampleRate, RATE);
    }
    if (order === "close") this.#isOver = true;
  }

  #listen(sound) {
    for (const sample of sound) {
      const loudness = Math.abs(sample);
      if (loudness > this.#peak) this.#peak = loudness;
      if (loudness >= CLIPPED) this.#numClipped += 1;
    }
    this.#gather(this.#resampler.isSame ? sound.slice() : this.#resampler.process(sound));
    if (this.#numWaiting >= FRAME) this.#post(false);
  }

  #gather(samples) {
    this.#waiting.push(samples);
    this.#numWaiting += samples.length;
  }

  #post(isLast) {
    const all = new Float32Array(this.#numWaiting);
    let place = 0;
    for (const samples of this.#waiting) {
      all.set(samples, place);
      place += samples.length;
    }
    const samples = toPcm16(all);
    const block = { samples, peak: this.#peak, numClipped: this.#numClipped, isLast };
    this.port.postMessage(block, [samples.buffer]);
    [this.#waiting, this.#numWaiting, this.#peak, this.#numClipped] = [[], 0, 0, 0];
  }
}

registerProcessor("capture", Capture);
