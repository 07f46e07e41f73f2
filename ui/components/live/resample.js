// Changes the sample rate of a stream, block by block. No names of the page: worklets load this too.
const ZERO_CROSSINGS = 16; // of the sinc, each side
const KAISER_BETA = 8; // side lobes 80 dB down
const ROLL_OFF = 0.94; // share of the band that passes

const divisor = (a, b) => (b ? divisor(b, a % b) : a);

function bessel(x) {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

// One filter for each place that an output sample can have between two input samples.
// Source: Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample.
function filters(numPhases, cutoff, half) {
  return Array.from({ length: numPhases }, (_, phase) => {
    const taps = new Float64Array(2 * half);
    let sum = 0;
    for (let tap = 0; tap < 2 * half; tap += 1) {
      const distance = tap - half + 1 - phase / numPhases;
      const angle = Math.PI * cutoff * distance;
      const inside = Math.max(0, 1 - (distance / half) ** 2);
      taps[tap] = (angle ? Math.sin(angle) / angle : 1) * bessel(KAISER_BETA * Math.sqrt(inside));
      sum += taps[tap];
    }
    return taps.map((value) => value / sum);
  });
}

export class Resampler {
  #phases;
  #step; // input samples per output sample, times the number of phases
  #half;
  #input; // from `half - 1` samples before the next output's place
  #phase = 0;

  // Rates in Hz, whole numbers.
  constructor(from, to) {
    const common = divisor(from, to);
    this.#step = from / common;
    this.isSame = from === to;
    const cutoff = Math.min(1, to / from) * ROLL_OFF;
    this.#half = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#phases = this.isSame ? [] : filters(to / common, cutoff, this.#half);
    this.#input = new Float32Array(this.#half - 1);
  }

  // (num_samples,) float32 at the one rate → (num_samples,) float32 at the other; a few
  // milliseconds of sound stay inside until more comes.
  process(block) {
    if (this.isSame) return block;
    const input = new Float32Array(this.#input.length + block.length);
    input.set(this.#input);
    input.set(block, this.#input.length);
    const output = [];
    const numTaps = 2 * this.#half;
    let place = 0;
    while (place + numTaps <= input.length) {
      const taps = this.#phases[this.#phase];
      let sum = 0;
      for (let tap = 0; tap < numTaps; tap += 1) sum += input[place + tap] * taps[tap];
      output.push(sum);
      this.#phase += this.#step;
      place += Math.floor(this.#phase / this.#phases.length);
      this.#phase %= this.#phases.length;
    }
    this.#input = input.slice(Math.min(place, input.length));
    return Float32Array.from(output);
  }

  // What is still inside.
  flush() {
    return this.isSame ? new Float32Array(0) : this.process(new Float32Array(this.#half));
  }
}
