// Keys for everything on the meeting page, and the sheet that lists them.
import { entryOf, keysOf } from "./keys.js";

const app = window.meetingApp;
const TYPING = "input:not([type=range], [type=checkbox]), select, textarea, dialog, [contenteditable]";
const PRESSING = "button, summary, a"; // these have a use of their own for the space bar

export function mount(element) {
  const sheet = element.querySelector("[data-help]");
  // Who dictates to the computer would press keys with every word, so they can be switched off.
  const use = element.querySelector("[data-use-keys]");
  use.checked = app.usesKeys();
  use.addEventListener("change", () => localStorage.setItem(app.KEYS, use.checked ? "on" : "off"));
  let meeting = null;
  let cursor = null; // the turn of the cursor
  let chosen = null; // words that are selected

  app.on("meeting", (shown) => (meeting = shown));
  app.on("turn", (turn) => (cursor = turn));
  app.on("selection", (words) => (chosen = words));
  app.on("help", () => (sheet.open ? sheet.close() : open()));

  function open() {
    const all = keysOf(app.t);
    const list = sheet.querySelector("[data-keys]");
    const shown = all.filter(({ text }, place) => place === all.findIndex((each) => each.text === text));
    list.replaceChildren(...shown.flatMap(({ shown: keys, text }) => {
      const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
      term.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));
      meaning.textContent = text;
      return [term, meaning];
    }));
    sheet.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (!meeting || document.body.dataset.view !== "meeting" || event.defaultPrevented) return;
    if (!app.usesKeys() && !event.ctrlKey && !event.metaKey) return;
    const entry = entryOf(event);
    if (!entry) return;
    const isHelp = entry.send[0] === "help" && sheet.open;
    if (!isHelp && event.target.closest?.(TYPING)) return;
    if (event.target.closest?.(PRESSING) && [" ", "Enter"].includes(event.key)) return;
    if (event.target.matches?.("input[type=range]") && event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const [name, detail] = entry.send;
    if (name === "assign-speaker") assign(detail.number);
    else app.send(name, detail ?? null);
  });

  // To the words that are selected, else to the turn of the cursor.
  function assign(number) {
    const speaker = meeting.transcript.speakers[number - 1];
    if (!speaker || !(chosen || cursor)) return;
    app.send("assign-speaker", { number, label: speaker.label, selection: chosen, turn: cursor });
  }
}
