// After a meeting: the whole recording is read again, then the library has it.
import { session } from "./session.js";

const app = window.meetingApp;
const TEXT = {
  sealing: "The whole recording is read again",
  wait: "Names and edits are kept. You may leave this page; the meeting comes into the library.",
  left: (percent, text) => `${percent} % · about ${text} left`,
  percent: (percent) => `${percent} %`,
  sealed: "The meeting is in the library",
  changes: ({ words, words_changed: changed, labels_changed: labels }) =>
    changed || labels
      ? `${count(changed)} of ${count(words)} words and ${count(labels)} speaker ${labels === 1 ? "label" : "labels"} changed.`
      : `All ${count(words)} words and their speakers stayed as you saw them.`,
};
const count = (number) => number.toLocaleString("en");
const duration = (seconds) => (seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`);

export function mount(element) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const put = (name, text) => find(name).textContent !== text && (find(name).textContent = text);

  function show() {
    const { sealing, sealed } = session.meeting;
    const isOver = session.status === "sealed" && sealed;
    find("box").hidden = !isOver && session.status !== "sealing";
    find("bar").hidden = find("open").hidden = true;
    if (isOver) {
      put("title", TEXT.sealed);
      put("text", TEXT.changes(sealed));
      find("open").hidden = false;
      find("open").setAttribute("href", `?meeting=${encodeURIComponent(sealed.meeting)}`);
    } else if (session.status === "sealing") {
      const percent = Math.round(100 * (sealing?.fraction ?? 0));
      const eta = sealing?.eta ?? null;
      put("title", TEXT.sealing);
      put("text", `${eta === null ? TEXT.percent(percent) : TEXT.left(percent, duration(eta))}. ${TEXT.wait}`);
      find("bar").hidden = false;
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
