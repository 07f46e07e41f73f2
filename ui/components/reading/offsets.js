// Where rows of different heights lie below each other; knows no page.

export class Offsets {
  constructor(heights) {
    this.heights = Float64Array.from(heights);
    this.tops = new Float64Array(this.heights.length + 1);
    this.stale = 0; // tops from here on are not worked out yet
  }

  get length() {
    return this.heights.length;
  }

  get total() {
    return this.top(this.length);
  }

  set(row, height) {
    if (this.heights[row] === height) return false;
    this.heights[row] = height;
    this.stale = Math.min(this.stale, row);
    return true;
  }

  // The upper edge of a row; that of the row after the last is the height of all.
  top(row) {
    for (; this.stale < this.length; this.stale += 1) {
      this.tops[this.stale + 1] = this.tops[this.stale] + this.heights[this.stale];
    }
    return this.tops[row];
  }

  // The row at a height; the first or last one beyond the ends.
  at(y) {
    this.top(0);
    let [low, high] = [0, this.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }
}
