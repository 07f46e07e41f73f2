// A list of any length in the window's own scrolling, of which only what is near is mounted.
//
// Heights are estimated until a row has been mounted once. What stands at the top of the window
// stays there when rows above it turn out higher or lower than thought.
import { Offsets } from "./offsets.js";

const OVERSCAN = 700; // px above and below the window
const MOST_SELECTED = 300; // rows that a selection, or what is dragged, keeps mounted
const TOLERANCE = 0.5; // px

export class VirtualList {
  // `render(index)` makes the element of a row, `estimate(index)` guesses its height in px.
  constructor(box, { render, estimate }) {
    this.box = box;
    this.render = render;
    this.estimate = estimate;
    this.keys = [];
    this.measured = new Map(); // key → height in px
    this.offsets = new Offsets([]);
    this.mounted = new Map(); // index → element
    this.inner = document.createElement("div");
    this.inner.className = "rows";
    box.replaceChildren(this.inner);
    this.isWaiting = false;
    this.width = 0;
    window.addEventListener("scroll", () => this.schedule(), { passive: true });
    // Rows may change by themselves: fonts arrive, somebody edits.
    new ResizeObserver(() => this.#resized()).observe(box);
    this.rowObserver = new ResizeObserver(() => this.schedule());
  }

  // New rows; `keys` name them across changes, so that the place and known heights are kept.
  reset(keys, { keepPlace }) {
    const anchor = keepPlace ? this.#anchor() : null;
    const wanted = anchor && { key: this.keys[anchor.row], gap: anchor.gap };
    this.keys = keys;
    this.#clear();
    if (!keepPlace) this.measured.clear();
    this.#estimate();
    const row = wanted ? keys.indexOf(wanted.key) : -1;
    this.#lay();
    if (row >= 0) this.#put(row, wanted.gap);
    this.update();
  }

  // Makes all mounted elements anew, where they are, but for those that somebody has hold of.
  redraw() {
    const kept = new Set(this.#held());
    for (const row of [...this.mounted.keys()]) if (!kept.has(row)) this.#unmount(row);
    this.update();
  }

  schedule() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.update();
    });
  }

  // The element of a row if it is mounted.
  element(row) {
    return this.mounted.get(row) ?? null;
  }

  // Brings a row to the middle of the window.
  scrollTo(row) {
    for (let round = 0; round < 3; round += 1) {
      const room = window.innerHeight - Math.min(this.offsets.heights[row], window.innerHeight - 200);
      if (!this.#put(row, room / 2)) break;
      this.update();
    }
  }

  update() {
    if (!this.keys.length || !this.box.offsetParent) return;
    for (let round = 0; round < 3; round += 1) {
      const anchor = this.#anchor();
      this.#mount(...this.#range());
      if (!this.#measure()) break;
      this.#lay();
      this.#put(anchor.row, anchor.gap);
    }
  }

  #resized() {
    if (this.box.offsetWidth === this.width || !this.box.offsetParent) return;
    const anchor = this.keys.length && this.width ? this.#anchor() : null;
    this.width = this.box.offsetWidth;
    this.measured.clear();
    this.#estimate();
    this.#lay();
    if (anchor) this.#put(anchor.row, anchor.gap);
    this.update();
  }

  #estimate() {
    this.offsets = new Offsets(
      this.keys.map((key, index) => this.measured.get(key) ?? this.estimate(index)),
    );
  }

  // The row at the top of the window, and how far below that top it begins.
  #anchor() {
    const top = -this.box.getBoundingClientRect().top;
    const row = this.offsets.at(top);
    return { row, gap: this.offsets.top(row) - top };
  }

  // Scrolls so that a row begins `gap` px below the top of the window; says whether it moved.
  #put(row, gap) {
    const by = this.offsets.top(row) + this.box.getBoundingClientRect().top - gap;
    if (Math.abs(by) < TOLERANCE) return false;
    const before = window.scrollY;
    window.scrollBy({ top: by, behavior: "instant" });
    return window.scrollY !== before;
  }

  #range() {
    const top = -this.box.getBoundingClientRect().top;
    const first = this.offsets.at(top - OVERSCAN);
    const last = this.offsets.at(top + window.innerHeight + OVERSCAN);
    const kept = [...(this.#selected() ?? []), ...this.#held()];
    if (!kept.length) return [first, last];
    const all = [Math.min(first, ...kept), Math.max(last, ...kept)];
    return all[1] - all[0] > MOST_SELECTED ? [first, last] : all;
  }

  // The rows of what is being dragged or typed: it would be let go with its element.
  #held() {
    const held = [...this.inner.querySelectorAll("[data-keep], .in-place")];
    return held.map((element) => Number(element.closest("[data-row]").dataset.row));
  }

  // First and last row that a selection of text reaches into.
  #selected() {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const rows = [selection.anchorNode, selection.focusNode].map((node) => {
      const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
      return this.inner.contains(element) ? Number(element.closest("[data-row]")?.dataset.row) : NaN;
    });
    return rows.every(Number.isFinite) ? [Math.min(...rows), Math.max(...rows)] : null;
  }

  #mount(first, last) {
    const hadFocus = this.inner.contains(document.activeElement);
    for (const row of [...this.mounted.keys()]) if (row < first || row > last) this.#unmount(row);
    let after = null; // elements are made from the last one upwards
    for (let row = last; row >= first; row -= 1) {
      let element = this.mounted.get(row);
      if (!element) {
        element = this.render(row);
        element.dataset.row = row;
        this.mounted.set(row, element);
        this.inner.insertBefore(element, after);
        this.rowObserver.observe(element);
      }
      after = element;
    }
    this.first = first;
    this.inner.style.top = `${this.offsets.top(first)}px`;
    // Who walks with the keyboard must not fall out of the list with a row.
    if (hadFocus && document.activeElement === document.body) this.box.focus({ preventScroll: true });
  }

  #measure() {
    let hasChanged = false;
    for (const [row, element] of this.mounted) {
      const height = element.getBoundingClientRect().height;
      this.measured.set(this.keys[row], height);
      if (Math.abs(height - this.offsets.heights[row]) >= TOLERANCE) {
        hasChanged = this.offsets.set(row, height) || hasChanged;
      }
    }
    return hasChanged;
  }

  #lay() {
    this.box.style.height = `${this.offsets.total}px`;
    if (this.mounted.size) this.inner.style.top = `${this.offsets.top(this.first)}px`;
  }

  #unmount(row) {
    const element = this.mounted.get(row);
    this.rowObserver.unobserve(element);
    element.remove();
    this.mounted.delete(row);
  }

  #clear() {
    this.rowObserver.disconnect();
    this.inner.replaceChildren();
    this.mounted.clear();
  }
}
