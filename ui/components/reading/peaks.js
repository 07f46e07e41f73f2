// The envelope of the sound as the server made it (see pipelines/peaks.py); knows no page.

const PAIRS = 2; // bytes of each step: its peak and its loudness
const RATE = 20; // steps in a second, as in pipelines/peaks.py

export class Peaks {
  // `bytes`: peak and loudness of each step, 0–255 each.
  constructor(bytes, rate = RATE) {
    this.levels = [bytes];
    this.rate = rate;
    while (this.levels.at(-1).length > 2048 * PAIRS) this.levels.push(halved(this.levels.at(-1)));
  }

  // (columns) [peak, loudness] in 0–1 from `start` to `end` seconds.
  columns(start, end, columns) {
    const perColumn = ((end - start) * this.rate) / columns;
    const level = Math.max(0, Math.min(this.levels.length - 1, Math.floor(Math.log2(perColumn))));
    const bytes = this.levels[level];
    const rate = this.rate / 2 ** level;
    const numSteps = bytes.length / PAIRS;
    const found = new Float32Array(columns * PAIRS);
    for (let column = 0; column < columns; column += 1) {
      const from = Math.floor((start + ((end - start) * column) / columns) * rate);
      const to = Math.max(from + 1, Math.floor((start + ((end - start) * (column + 1)) / columns) * rate));
      let [peak, sum, count] = [0, 0, 0];
      for (let step = Math.max(0, from); step < Math.min(numSteps, to); step += 1) {
        peak = Math.max(peak, bytes[step * PAIRS]);
        sum += bytes[step * PAIRS + 1];
        count += 1;
      }
      found[column * PAIRS] = peak / 255;
      found[column * PAIRS + 1] = count ? sum / count / 255 : 0;
    }
    return found;
  }
}

// Half as many steps: the higher of two peaks, the mean of two loudnesses.
function halved(bytes) {
  const numSteps = Math.ceil(bytes.length / PAIRS / 2);
  const half = new Uint8Array(numSteps * PAIRS);
  for (let step = 0; step < numSteps; step += 1) {
    const [a, b] = [step * 2 * PAIRS, Math.min((step * 2 + 1) * PAIRS, bytes.length - PAIRS)];
    half[step * PAIRS] = Math.max(bytes[a], bytes[b]);
    half[step * PAIRS + 1] = (bytes[a + 1] + bytes[b + 1]) >> 1;
  }
  return half;
}
