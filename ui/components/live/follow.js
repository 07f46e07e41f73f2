// Keeps the end in view while the text grows, until the reader scrolls away.
const AWAY = 160; // px between the end and the edge of the window
const BACK = 60; // px

export class Follow {
  // `bottom()`: height in px of what covers the lower edge of the window.
  constructor({ stage, end, bottom, onchange }) {
    Object.assign(this, { stage, end, bottom, onchange, isOn: true });
    this.last = this.#measures();
    window.addEventListener("resize", () => this.keep());
    for (const target of [window, stage]) {
      target.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    }
  }

  // Presented, the stage scrolls by itself; else the page does.
  get #scroller() {
    return this.stage.scrollHeight > this.stage.clientHeight + 1 && getComputedStyle(this.stage).overflowY === "auto"
      ? this.stage
      : document.scrollingElement;
  }
  #measures() {
    const scroller = this.#scroller;
    return { scroller, top: scroller.scrollTop, height: scroller.clientHeight, room: scroller.scrollHeight };
  }
  #distance() {
    return this.end.getBoundingClientRect().bottom - (window.innerHeight - this.bottom());
  }

  #scrolled() {
    if (!this.stage.offsetParent && getComputedStyle(this.stage).position !== "fixed") return; // not shown
    const [before, now] = [this.last, this.#measures()];
    this.last = now;
    // What the layout moved, because text or window became smaller, is not the reader's doing.
    const isSame = now.scroller === before.scroller && now.height === before.height && now.room >= before.room;
    const isUp = isSame && now.top < before.top - 1;
    const distance = this.#distance();
    if (this.isOn && isUp && distance > AWAY) this.set(false);
    else if (!this.isOn && distance < BACK) this.set(true);
  }

  set(isOn) {
    if (this.isOn === isOn) return;
    this.isOn = isOn;
    this.onchange(isOn);
  }

  keep() {
    if (!this.isOn) return;
    const distance = this.#distance();
    if (distance <= 0) return;
    const scroller = this.#scroller;
    scroller.scrollTop += distance;
    this.last = this.#measures();
  }
}
