// Where a turn begins, moved by dragging a handle over the words or with the arrow keys.
import { correct, meeting } from "./asking.js";

const app = window.meetingApp;
const EDGE = 40; // px from where the words end, within which they scroll under the pointer
const STEP = 12; // px that they scroll in a frame

// The handle of a turn; null for the first one, whose beginning is nobody else's end.
export function boundaryHandle(turn) {
  const before = meeting()?.transcript.turn(turn.place - 1);
  if (!before) return null;
  const handle = document.createElement("button");
  Object.assign(handle, { type: "button", className: "boundary-handle", textContent: "⇕", title: app.t("Drag to where this turn begins, or use the arrow keys") });
  handle.setAttribute("role", "slider");
  handle.setAttribute("aria-label", app.t("Where this turn begins"));
  // Both turns keep a word.
  handle.setAttribute("aria-valuemin", before.first + 1);
  handle.setAttribute("aria-valuemax", turn.last - 1);
  const move = new Move(handle, before, turn);
  handle.addEventListener("pointerdown", (event) => move.take(event));
  handle.addEventListener("pointermove", (event) => move.drag(event));
  handle.addEventListener("pointerup", () => move.isDragged && move.finish());
  handle.addEventListener("pointercancel", () => move.cancel());
  handle.addEventListener("keydown", (event) => move.press(event));
  handle.addEventListener("blur", () => move.cancel());
  return handle;
}

class Move {
  isDragged = false;

  constructor(handle, before, turn) {
    Object.assign(this, { handle, before, turn });
    this.#put(turn.first);
  }

  take(event) {
    if (event.button) return;
    event.preventDefault(); // no selection of text
    this.handle.focus();
    this.handle.setPointerCapture(event.pointerId);
    this.handle.dataset.keep = ""; // its row stays, however far the words scroll
    this.isDragged = true;
    this.at = event;
    requestAnimationFrame(() => this.#glide());
  }

  drag(event) {
    if (!this.isDragged) return;
    this.at = event;
    this.#follow();
  }

  // Takes the word under the pointer, or the nearest line of words for a pointer beyond them.
  #follow() {
    const { clientX, clientY } = this.at;
    const { top, bottom } = visibleWords();
    const y = Math.min(Math.max(clientY, top + 1), bottom - 1);
    const word = document.elementFromPoint(clientX, y)?.closest?.("#transcript [data-w]");
    if (!word) return; // between the lines: it stays where it was
    const { left, width } = word.getBoundingClientRect();
    this.#put(Number(word.dataset.w) + (clientX > left + width / 2 ? 1 : 0));
  }

  // Scrolls for as long as the pointer is at an edge, as far as the two turns reach.
  #glide() {
    if (!this.isDragged) return;
    const { top, bottom } = visibleWords();
    const { clientY } = this.at;
    const isAbove = clientY < top + EDGE && this.word > this.before.first + 1;
    const isBelow = clientY > bottom - EDGE && this.word < this.turn.last - 1;
    if (isAbove || isBelow) {
      window.scrollBy({ top: isAbove ? -STEP : STEP, behavior: "instant" });
      this.#follow();
    }
    requestAnimationFrame(() => this.#glide());
  }

  press(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step) this.#put(this.word + step);
    else if (event.key === "Enter" || event.key === " ") this.finish();
    else if (event.key === "Escape") this.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async finish() {
    this.isDragged = false;
    const { word, turn } = this;
    this.cancel();
    if (word === turn.first) return;
    const to = meeting().transcript.starts[word];
    await app.attempt(() => correct({ kind: "move-turn-boundary", start: turn.start, to }));
  }

  cancel() {
    this.isDragged = false;
    delete this.handle.dataset.keep;
    this.#put(this.turn.first);
  }

  // Shows what would change sides if the turn began with `word`.
  #put(word) {
    const { before, turn, handle } = this;
    this.word = Math.min(Math.max(word, before.first + 1), turn.last - 1);
    const { transcript } = meeting();
    handle.setAttribute("aria-valuenow", this.word);
    handle.setAttribute("aria-valuetext", app.t("Before “{word}”", { word: transcript.texts[this.word] }));
    const getter = this.word < turn.first ? turn : before;
    const [from, to] = [Math.min(this.word, turn.first), Math.max(this.word, turn.first)];
    for (const element of document.querySelectorAll("#transcript .changes-sides")) element.classList.remove("changes-sides");
    for (let place = from; place < to; place += 1) {
      const element = document.querySelector(`#transcript [data-w="${place}"]`);
      element?.style.setProperty("--getter", `var(--speaker-${getter.speaker?.color ?? 0}, var(--muted))`);
      element?.classList.add("changes-sides");
    }
  }
}

// Between what lies over the words at the top of the window and the player.
function visibleWords() {
  const edge = (selector, side) => document.querySelector(selector).getBoundingClientRect()[side];
  const isStuck = edge("#transcript .list", "top") < edge("#transcript [data-tools]", "bottom");
  return {
    top: isStuck ? edge("#transcript [data-tools]", "bottom") : 0,
    bottom: edge("#player [data-player]", "top"),
  };
}
