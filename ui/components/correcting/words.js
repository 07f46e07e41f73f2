// The sheet in which words are written anew; their times are kept.
import { correct, meeting, passages } from "./asking.js";

const app = window.meetingApp;

export function mountWords(element) {
  const dialog = element.querySelector('[data-dialog="words"]');
  const [field, problem] = ["text", "problem"].map((name) => dialog.querySelector(`[data-${name}]`));
  let place = null;

  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const segment = { start: Math.min(...place.map((p) => p.start)), end: Math.max(...place.map((p) => p.end)) };
    const speakers = [...new Set(place.map((p) => p.speaker))];
    try {
      await correct({ kind: "replace-words", segment, text: field.value, speakers });
      dialog.close();
    } catch (failure) {
      problem.textContent = failure.message; // what was typed stays
    }
  });

  function edit(first, last) {
    place = passages(first, last);
    field.value = meeting().transcript.text(first, last);
    problem.textContent = "";
    dialog.showModal();
    field.focus();
    field.select();
  }

  return { edit };
}
