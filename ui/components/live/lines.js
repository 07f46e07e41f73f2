// One line of captions on the page; only what changed is touched.
import { colorOf, joined } from "./model.js";

const { t } = window.meetingApp;
const TEXT = {
  unknown: t("Someone"),
  rename: t("Click to name this speaker"),
  edit: t("Edit this text"),
  marked: (note) => (note ? t("Marked: {note}", { note }) : t("Marked")),
};
const PENCIL = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4"/></svg>';
const FLAG = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 21V4h11l-2 4 2 4H6"/></svg>';

// "Ana Ruiz" is AR, "Speaker 3" is S3, as in the library.
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  if (!words.length) return "?";
  return ([...words[0]][0] + (words.length > 1 ? [...words.at(-1)][0] : "")).toUpperCase();
}

const make = (tag, className, parent) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  parent?.append(node);
  return node;
};
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
function dress(node, className) {
  if (node.className !== className) node.className = className;
}

class TurnView {
  constructor(parent) {
    this.root = make("div", "turn", parent);
    const header = make("header", "", this.root);
    this.name = make("button", "name", header);
    this.name.type = "button";
    this.avatar = make("i", "avatar", this.name);
    this.label = make("span", "", this.name);
    this.clock = make("span", "clock", header);
    this.text = make("p", "", this.root);
    this.stable = make("span", "stable", this.text);
    this.partial = make("span", "partial", this.text);
  }

  // Whether somebody types the name of its speaker.
  get isNamed() {
    return this.root.querySelector(".in-place") !== null;
  }

  // It waits for its name without any words.
  empty() {
    put(this.stable, "");
    put(this.partial, "");
  }

  show({ label, words, first }, { line, isContinued, name, canChange, clock }) {
    const numStable = Math.max(0, line.stable - first);
    const stable = joined(words.slice(0, numStable));
    const all = joined(words);
    put(this.stable, stable);
    put(this.partial, all.slice(stable.length));
    const isSure = line.settled || line.edited;
    dress(
      this.root,
      `turn speaker-${colorOf(label)}${isContinued ? " continued" : ""}${isSure ? "" : " provisional"}`,
    );
    put(this.label, name ?? TEXT.unknown);
    put(this.avatar, name ? initials(name) : "?");
    put(this.clock, clock);
    this.name.disabled = !canChange || label === null;
    this.name.title = this.name.disabled ? "" : TEXT.rename;
    this.name.dataset.speaker = label ?? "";
  }
}

export class LineView {
  #turns = [];
  #shown = "";
  #mark = null;

  constructor(id) {
    this.id = id;
    this.root = make("article", "line");
    this.root.dataset.line = id;
    this.body = make("div", "body", this.root);
    this.edit = make("button", "icon-button edit", this.root);
    Object.assign(this.edit, { type: "button", innerHTML: PENCIL, title: TEXT.edit, hidden: true });
    this.edit.setAttribute("aria-label", TEXT.edit);
    this.lastLabel = undefined;
    this.isEditing = false;
  }

  get isNamed() {
    return this.#turns.some((turn) => turn.isNamed);
  }

  // Answers whether the line after it must be looked at again.
  show(line, meeting, { before, canChange, clock }) {
    if (this.isEditing) return false;
    const turns = meeting.turns(line, before ?? null);
    turns.forEach((turn, index) => {
      this.#turns[index] ??= new TurnView(this.body);
      this.#turns[index].show(turn, {
        line,
        isContinued: index === 0 && before !== undefined && turn.label === before,
        name: meeting.displayName(turn.label),
        canChange,
        clock: clock(turn.words[0]?.[1] ?? 0),
      });
    });
    const numKept = Math.max(turns.length, 1 + this.#turns.findLastIndex((turn) => turn.isNamed));
    for (const gone of this.#turns.splice(numKept)) gone.root.remove();
    for (const turn of this.#turns.slice(turns.length)) turn.empty();
    dress(this.root, `line${line.final ? " final" : ""}${line.edited ? " edited" : ""}${this.#mark ? " marked" : ""}`);
    this.edit.hidden = !canChange || !line.final;
    const lastLabel = turns.at(-1)?.label ?? before;
    const isOther = lastLabel !== this.lastLabel;
    this.lastLabel = lastLabel;
    return isOther;
  }

  mark(note) {
    if (!this.#mark) {
      this.#mark = make("span", "flag", this.root);
      this.#mark.innerHTML = FLAG;
      this.root.classList.add("marked");
    }
    this.#mark.title = TEXT.marked(note);
  }

  // Puts a field in place of the text; `keep(text)` gets what the user wrote, if anything else.
  change(text, keep) {
    this.isEditing = true;
    const field = make("textarea", "rewrite");
    Object.assign(field, { value: text, maxLength: 5_000, rows: 2 });
    field.setAttribute("aria-label", TEXT.edit);
    this.body.hidden = true;
    this.edit.hidden = true;
    this.root.append(field);
    field.focus();
    const close = (isKept) => {
      if (!this.isEditing) return;
      this.isEditing = false;
      const now = field.value.trim();
      field.remove();
      this.body.hidden = false;
      keep(isKept && now && now !== text ? now : null);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        close(true);
      }
      if (event.key === "Escape") close(false);
    });
    field.addEventListener("blur", () => close(true));
  }
}
