// What is corrected in the transcript: who said it, the words, where turns and chapters begin.
import { correct, meeting, passages, redo, undo } from "./asking.js";
import { boundaryHandle } from "./boundary.js";
import { mountHistory } from "./history.js";
import { menuIn } from "./menu.js";
import { mountNames } from "./names.js";
import { mountOutline } from "./outline.js";
import { mountSpeakers } from "./speakers.js";
import { mountTeaching } from "./teaching.js";
import { mountWords } from "./words.js";

const app = window.meetingApp;

export function mount(element) {
  const menu = menuIn(element.querySelector("[data-menu]"));
  const words = mountWords(element);
  const history = mountHistory(element);
  const names = mountNames(element);
  const speakers = mountSpeakers();
  mountOutline(element, menu);
  mountTeaching(element);
  let chosen = null; // words that are selected
  let cursor = null; // the turn of the cursor

  const attempt = (correction, text) => app.attempt(() => correct(correction, text));
  const reassign = (first, last, label) =>
    attempt({ kind: "reassign-words", passages: passages(first, last), label });

  function forWords({ first, last, start }) {
    const { transcript } = meeting();
    const turn = transcript.turn(transcript.turnOf(first));
    const isInside = transcript.turnOf(last - 1) === turn.place;
    const more = [
      { text: app.t("Play"), run: () => app.send("seek", { time: start, play: true }) },
      { text: app.t("Edit words"), run: () => words.edit(first, last) },
      { text: app.t("Remove words"), run: () => attempt({ kind: "remove-words", passages: passages(first, last) }) },
    ];
    const boundary = (from, to) => attempt({ kind: "move-turn-boundary", start: from, to });
    if (isInside && turn.place > 0 && first > turn.first) {
      more.push({ text: app.t("The turn begins with these words"), run: () => boundary(turn.start, start) });
    }
    const next = transcript.turn(turn.place + 1);
    if (isInside && next && first > turn.first) {
      more.push({ text: app.t("The next turn begins with these words"), run: () => boundary(next.start, start) });
    }
    return [{ title: app.t("Who said this?"), items: speakers.items((label) => reassign(first, last, label)) }, { items: more }];
  }

  function forTurn(turn) {
    const label = turn.speaker?.label ?? null;
    const groups = forWords({ first: turn.first, last: turn.last, start: turn.start });
    groups[1].items.push({
      text: app.t("Begin a chapter here"),
      run: () => attempt({ kind: "add-chapter", start: turn.start, title: app.t("New chapter") }),
    });
    for (const [list, text] of [["action", app.t("Add as action item")], ["decision", app.t("Add as decision")]]) {
      const said = meeting().transcript.text(turn.first, turn.last).slice(0, 2000);
      const owner = list === "action" ? label : null;
      groups[1].items.push({ text, run: () => attempt({ kind: "add-line", list, text: said, proofs: [turn.start], owner }) });
    }
    if (label !== null) groups.push({ title: turn.speaker.name, items: speakers.whole(turn.speaker) });
    return groups;
  }

  app.module("reading/transcript").then(({ onTurnHeader }) =>
    onTurnHeader((place, turn) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "change-button", textContent: "⋯" });
      button.setAttribute("aria-label", app.t("Change this turn"));
      button.setAttribute("aria-haspopup", "menu");
      button.addEventListener("click", () => {
        menu.show(button, forTurn(turn));
        menu.focus();
      });
      const handle = boundaryHandle(turn);
      place.append(...(handle ? [handle] : []), button);
    }),
  );
  app.on("turn", (turn) => (cursor = turn));
  app.on("selection", (words_) => (chosen = words_));
  app.on("assign-speaker", ({ label, selection, turn }) => {
    const place = selection ?? turn;
    reassign(place.first, place.last, label);
  });

  const offer = () => {
    const selection = window.getSelection();
    if (!chosen || document.querySelector("dialog[open]") || !selection.rangeCount || selection.isCollapsed) return;
    menu.show(selection.getRangeAt(0), forWords(chosen));
  };
  document.addEventListener("pointerup", (event) => {
    if (event.target.closest?.("#transcript")) setTimeout(offer);
  });
  document.addEventListener("dblclick", (event) => {
    const word = event.target.closest?.("#transcript [data-w]");
    if (!word) return;
    menu.hide();
    words.edit(Number(word.dataset.w), Number(word.dataset.w) + 1);
  });
  app.on("undo", undo, { late: true });
  app.on("redo", redo, { late: true });
  app.on("show-history", history.open, { late: true });
  app.on("name-speakers", names.open, { late: true });
  app.on("edit-words", () => {
    const place = chosen ?? cursor;
    if (place) words.edit(place.first, place.last);
  });
  app.on("show-changes", () => {
    if (!chosen && !cursor) return;
    const at = document.querySelector("#transcript .cursor") ?? document.querySelector("#transcript");
    menu.show(chosen ? window.getSelection().getRangeAt(0) : at, chosen ? forWords(chosen) : forTurn(cursor));
    menu.focus();
  });

  app.on("meeting", (shown) => shown || menu.hide());
}
