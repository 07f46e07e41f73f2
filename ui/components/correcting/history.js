// Who corrected what and when, in words.
import { get, meeting } from "./asking.js";

const app = window.meetingApp;

export function mountHistory(element) {
  const dialog = element.querySelector('[data-dialog="history"]');
  const list = dialog.querySelector("[data-history]");
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

  async function open() {
    const answer = await app.attempt(() => get("corrections"));
    if (!answer) return;
    const made = answer.corrections.toReversed().map(entry);
    list.replaceChildren(...(made.length ? made : [item(app.t("Nothing was corrected yet."))]));
    dialog.showModal();
  }
  return { open };
}

function item(...children) {
  const element = document.createElement("li");
  element.append(...children);
  return element;
}

function entry({ correction, author, made_at: madeAt, is_undone: isUndone, undone_by: undoneBy, problem }) {
  const text = Object.assign(document.createElement("span"), { textContent: describe(correction), className: isUndone ? "undone" : "" });
  const when = new Date(madeAt).toLocaleString(app.locale, { dateStyle: "medium", timeStyle: "short" });
  const who = Object.assign(document.createElement("small"), { textContent: `${author} · ${when}` });
  if (isUndone && undoneBy) who.append(" · ", app.t("undone by {name}", { name: undoneBy }));
  const why = problem === null ? [] : [
    Object.assign(document.createElement("small"), { textContent: app.t("Not applied to the new result: {problem}", { problem }) }),
  ];
  return item(text, who, ...why);
}

const nameOf = (label) =>
  meeting().transcript.speakers.find((speaker) => speaker.label === label)?.name ?? label ?? app.t("New speaker");

export function describe(made) {
  const at = (seconds) => app.clock(seconds);
  switch (made.kind) {
    case "rename-meeting": return app.t("Called the meeting “{title}”", { title: made.title });
    case "rename-speaker": return made.name === null
      ? app.t("Took the name of {name} away", { name: nameOf(made.label) })
      : app.t("Named a speaker {name}", { name: made.name });
    case "merge-speakers": return app.t("Merged a speaker into {name}", { name: nameOf(made.into) });
    case "split-speaker": return app.t("Split {name} in two", { name: nameOf(made.label) });
    case "reassign-words": return app.t("Gave the words at {clock} to {name}", { clock: at(made.passages[0].start), name: nameOf(made.label) });
    case "relabel": return app.t("Accepted other speakers for {count} passages", { count: made.changes.length });
    case "replace-words": return app.t("Wrote “{text}” at {clock}", { text: made.text.slice(0, 80), clock: at(made.segment.start) });
    case "remove-words": return app.t("Removed words at {clock}", { clock: at(made.passages[0].start) });
    case "move-turn-boundary": return app.t("Moved the beginning of a turn to {clock}", { clock: at(made.to) });
    case "add-chapter": return app.t("Added the chapter “{title}”", { title: made.title });
    case "move-chapter": return app.t("Moved a chapter to {clock}", { clock: at(made.to) });
    case "remove-chapter": return app.t("Removed the chapter at {clock}", { clock: at(made.start) });
    case "rename-chapter": return app.t("Called a chapter “{title}”", { title: made.title });
    case "add-line": return app.t("Added to the minutes: {text}", { text: made.text.slice(0, 80) });
    case "edit-line": return app.t("Changed in the minutes: {text}", { text: made.text.slice(0, 80) });
    case "remove-line": return app.t("Removed from the minutes: {text}", { text: made.line.text.slice(0, 80) });
    default: return made.kind;
  }
}
