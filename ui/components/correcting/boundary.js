// Where a turn begins, moved by dragging a handle over the words or with the arrow keys.
import { correct, meeting } from "./asking.js";

const app = window.meetingApp;

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
    this.isDragged = true;
  }

  drag({ clientX, clientY }) {
    if (!this.isDragged) return;
    const word = document.elementFromPoint(clientX, clientY)?.closest?.("#transcript [data-w]");
    if (!word) return; // between the lines: it stays where it was
    const { left, width } = word.getBoundingClientRect();
    this.#put(Number(word.dataset.w) + (clientX > left + width / 2 ? 1 : 0));
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
