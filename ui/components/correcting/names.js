// The sheet in which all speakers get their names: three quotes with sound for each, suggestions.
import { correct, get, meeting } from "./asking.js";

const app = window.meetingApp;

export function mountNames(element) {
  const dialog = element.querySelector('[data-dialog="names"]');
  const list = dialog.querySelector("[data-names]");
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const names = [...list.querySelectorAll("input")]
      .filter(({ value, dataset }) => value.trim() !== dataset.before)
      .map(({ value, dataset }) => ({ label: dataset.label, name: value.trim() || null }));
    const isDone = !names.length || (await app.attempt(() => correct({ kind: "name-speakers", names })));
    if (isDone) dialog.close();
  });

  async function open() {
    const [quotes, suggestions] = [await app.attempt(() => get("quotes")), await app.attempt(() => get("names"))];
    if (!quotes) return;
    list.replaceChildren(...meeting().transcript.speakers.map((speaker) => row(
      speaker,
      quotes.filter(({ speaker: label }) => label === speaker.label),
      (suggestions ?? []).filter(({ label }) => label === speaker.label),
    )));
    dialog.showModal();
    list.querySelector("input")?.focus();
  }
  return { open };
}

function row(speaker, quotes, suggestions) {
  const element = Object.assign(document.createElement("li"), { className: `speaker-${speaker.color}` });
  const known = speaker.is_named ? speaker.name : "";
  const field = Object.assign(document.createElement("input"), { type: "text", maxLength: 100, value: known, placeholder: speaker.name });
  field.setAttribute("aria-label", app.t("Name of {name}", { name: speaker.name }));
  Object.assign(field.dataset, { label: speaker.label, before: known });
  element.append(field);
  if (suggestions.length) {
    const chips = Object.assign(document.createElement("div"), { className: "suggestions" });
    for (const { name } of suggestions) {
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: name });
      chip.addEventListener("click", () => (field.value = name));
      chips.append(chip);
    }
    element.append(chips);
  }
  for (const { start, text } of quotes) {
    const quote = Object.assign(document.createElement("button"), { type: "button", className: "quote", textContent: `▶ ${app.clock(start)} ${text}` });
    quote.addEventListener("click", () => app.send("seek", { time: start, play: true }));
    element.append(quote);
  }
  return element;
}
