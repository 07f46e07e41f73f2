// Sound as the server takes it. No names of the page: worklets load this too.
export const RATE = 16_000; // Hz
export const FRAME = 320; // samples, 20 ms

// (num_samples,) float in [-1, 1] → 16 bits.
export function toPcm16(samples) {
  return Int16Array.from(samples, (value) =>
    Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))),
  );
}

// Mean of the channels, each (num_samples,) float32.
export function toMono(channels) {
  if (channels.length === 1) return channels[0];
  return channels[0].map(
    (_, index) => channels.reduce((sum, channel) => sum + channel[index], 0) / channels.length,
  );
}

// A frame as it is sent: its number, then the samples, little-endian.
export function pack(sequence, samples) {
  const view = new DataView(new ArrayBuffer(4 + 2 * samples.length));
  view.setUint32(0, sequence, true);
  samples.forEach((sample, index) => view.setInt16(4 + 2 * index, sample, true));
  return view.buffer;
}

// Cuts a stream of blocks of any length into frames.
export class Framer {
  #rest = new Int16Array(0);

  // The frames that are full now.
  push(samples) {
    const all = new Int16Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    const numFull = Math.floor(all.length / FRAME);
    this.#rest = all.slice(numFull * FRAME);
    return Array.from({ length: numFull }, (_, i) => all.slice(i * FRAME, (i + 1) * FRAME));
  }

  // The short frame that is left, or none.
  flush() {
    const rest = this.#rest;
    this.#rest = new Int16Array(0);
    return rest.length ? [rest] : [];
  }
}
