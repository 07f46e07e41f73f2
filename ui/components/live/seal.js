// After a meeting: the whole recording is read again, then the library has it.
import { session } from "./session.js";

const app = window.meetingApp;
const { t } = app;
const TEXT = {
  sealing: t("The whole recording is read again"),
  wait: t("Names and edits are kept. You may leave this page; the meeting comes into the library."),
  left: (percent, length) => t("{percent} % · about {length} left", { percent, length }),
  sealed: t("The meeting is in the library"),
  changes: ({ words: all, words_changed: numChanged, labels_changed: numLabels }) => {
    const [words, changed, labels] = [all, numChanged, numLabels].map(count);
    if (!numChanged && !numLabels) return t("All {words} words and their speakers stayed as you saw them.", { words });
    return numLabels === 1
      ? t("{changed} of {words} words and 1 speaker label changed.", { changed, words })
      : t("{changed} of {words} words and {labels} speaker labels changed.", { changed, words, labels });
  },
};
const count = (number) => number.toLocaleString(app.locale);
const duration = (seconds) =>
  seconds < 60
    ? t("{seconds} s", { seconds: Math.max(1, Math.round(seconds)) })
    : t("{minutes} min", { minutes: Math.round(seconds / 60) });

export function mount(element) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const put = (name, text) => find(name).textContent !== text && (find(name).textContent = text);

  function show() {
    const { sealing, sealed } = session.meeting;
    const isOver = session.status === "sealed" && sealed;
    find("box").hidden = !isOver && session.status !== "sealing";
    find("bar").hidden = find("open").hidden = find("wait").hidden = true;
    if (isOver) {
      put("title", TEXT.sealed);
      put("text", TEXT.changes(sealed));
      find("open").hidden = false;
      find("open").setAttribute("href", `?meeting=${encodeURIComponent(sealed.meeting)}`);
    } else if (session.status === "sealing") {
      const percent = Math.round(100 * (sealing?.fraction ?? 0));
      const eta = sealing?.eta ?? null;
      put("title", TEXT.sealing);
      put("text", eta === null ? `${percent} %` : TEXT.left(percent, duration(eta)));
      put("wait", TEXT.wait);
      find("bar").hidden = find("wait").hidden = false;
      find("bar").setAttribute("aria-valuenow", percent);
      find("bar").firstElementChild.style.width = `${percent}%`;
    }
  }

  // Whoever follows the end must not look for it.
  function reveal() {
    if (app.live?.follow.isOn) find("box").scrollIntoView({ block: "nearest" });
  }

  let wasHidden = true;
  let wasSealed = false;
  session.on("status", () => {
    show();
    if (session.status === "sealed" && !wasSealed) app.send("library-changed");
    if (wasHidden && !find("box").hidden) reveal();
    wasHidden = find("box").hidden;
    wasSealed = session.status === "sealed";
  });
  session.on("event", ({ change }) => change.parts.has("status") && show());
}
