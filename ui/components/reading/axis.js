// The stretch of time that is shown, and where its moments lie in px; knows no page.

const SHORTEST = 5; // s that can be shown
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]; // s between ticks

export class Axis {
  constructor(duration, width) {
    this.duration = Math.max(duration, 0.1);
    this.width = Math.max(width, 1);
    this.start = 0;
    this.end = this.duration;
  }

  get span() {
    return this.end - this.start;
  }

  get isWhole() {
    return this.span >= this.duration - 1e-6;
  }

  x(time) {
    return ((time - this.start) / this.span) * this.width;
  }

  time(x) {
    return this.start + (x / this.width) * this.span;
  }

  show(start, end) {
    const span = Math.min(this.duration, Math.max(Math.min(SHORTEST, this.duration), end - start));
    this.start = Math.min(Math.max(0, start), this.duration - span);
    this.end = this.start + span;
  }

  // Shows `factor` times as much; what is at `x` stays there.
  zoom(factor, x = this.width / 2) {
    const at = this.time(x);
    const span = Math.min(this.duration, Math.max(Math.min(SHORTEST, this.duration), this.span * factor));
    const start = at - (x / this.width) * span;
    this.show(start, start + span);
  }

  pan(px) {
    const by = (px / this.width) * this.span;
    this.show(this.start + by, this.end + by);
  }

  // Turns the page to a moment that is not shown; says whether it did.
  follow(time) {
    if (time >= this.start && time <= this.end) return false;
    const lead = this.span * 0.1;
    this.show(time - lead, time - lead + this.span);
    return true;
  }

  // Moments to label, at least `room` px apart.
  ticks(room) {
    const least = (room / this.width) * this.span;
    const step = STEPS.find((each) => each >= least) ?? STEPS.at(-1);
    const found = [];
    for (let time = Math.ceil(this.start / step) * step; time <= this.end; time += step) found.push(time);
    return found;
  }
}
