// Chapters and marks of a running meeting; a click leads to the words.
import { session } from "./session.js";

const app = window.meetingApp;
const { t } = app;
const TEXT = {
  mark: t("Marked moment"),
  go: (clock) => t("Show what was said at {clock}", { clock }),
};

export function mount(element) {
  const find = (name) => element.querySelector(`[data-${name}]`);

  function entry(time, text) {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("button"), { type: "button" });
    link.dataset.time = time;
    const clock = Object.assign(document.createElement("span"), { className: "clock", textContent: app.clock(time) });
    const title = Object.assign(document.createElement("strong"), { textContent: text });
    link.title = TEXT.go(clock.textContent);
    link.append(clock, title);
    item.append(link);
    return item;
  }

  function fill(name, entries) {
    app.whenFree(find(name), () => {
      find(name).replaceChildren(...entries.map(([time, text]) => entry(time, text)));
      find(`no-${name}`).hidden = entries.length > 0;
    });
  }
  const chapters = () => fill("chapters", session.meeting.chapters.map(([start, , title]) => [start, title]));
  const marks = () => fill("marks", session.meeting.marks.map(({ time, note }) => [time, note || TEXT.mark]));

  let shown = session.meeting;
  session.on("status", () => {
    find("form").hidden = !session.isRecording;
    if (shown === session.meeting) return;
    shown = session.meeting;
    chapters();
    marks();
  });
  session.on("event", ({ change }) => {
    if (change.parts.has("chapters")) chapters();
    if (change.parts.has("marks")) marks();
  });
  find("form").addEventListener("submit", (event) => {
    event.preventDefault();
    session.mark(find("note").value.trim());
    find("note").value = "";
  });
  element.addEventListener("click", (event) => {
    const link = event.target.closest("[data-time]");
    if (link) app.send("live-show", { time: Number(link.dataset.time) });
  });
}
