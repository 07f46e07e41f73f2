// A lane for each voice of the last minute; who speaks together stands one above the other.
import { colorOf } from "./model.js";
import { session } from "./session.js";

const { t } = window.meetingApp;
const TEXT = {
  share: (name, percent) => t("{name}: {percent} % of the last minute", { name, percent }),
};
const WINDOW = 60; // seconds
const STEP = 250; // ms between two pictures

export function mount(element) {
  const [place, none] = ["lanes", "none"].map((name) => element.querySelector(`[data-${name}]`));
  let timer = 0;

  function segmentsBy(voices, from) {
    const lanes = new Map();
    for (const [start, end, label] of voices) {
      if (end <= from) continue;
      if (!lanes.has(label)) lanes.set(label, []);
      lanes.get(label).push([Math.max(start, from), end]);
    }
    return [...lanes].sort(([a], [b]) => a.localeCompare(b));
  }

  function lane(label, segments, from, { settled, name }) {
    const row = document.createElement("div");
    row.className = `lane speaker-${colorOf(label)}`;
    const spoken = segments.reduce((sum, [start, end]) => sum + end - start, 0);
    row.setAttribute("role", "img");
    row.setAttribute("aria-label", TEXT.share(name, Math.round((100 * spoken) / WINDOW)));
    const title = Object.assign(document.createElement("span"), { textContent: name });
    const track = Object.assign(document.createElement("div"), { className: "track" });
    for (const [start, end] of segments) {
      const bar = document.createElement("i");
      bar.style.left = `${(100 * (start - from)) / WINDOW}%`;
      bar.style.width = `${(100 * (end - start)) / WINDOW}%`;
      if (end > settled) bar.className = "provisional";
      track.append(bar);
    }
    row.append(title, track);
    return row;
  }

  function show() {
    timer = 0;
    const { meeting } = session;
    const now = Math.max(meeting.position, session.isRecording ? session.seconds : 0, meeting.voices.at(-1)?.[1] ?? 0);
    const from = Math.max(0, now - WINDOW);
    const lanes = segmentsBy(meeting.voices, from);
    none.hidden = lanes.length > 0;
    place.replaceChildren(
      ...lanes.map(([label, segments]) =>
        lane(label, segments, from, { settled: meeting.settled, name: meeting.displayName(label) }),
      ),
    );
  }
  function ask() {
    if (!timer) timer = setTimeout(show, STEP);
  }

  session.on("event", ({ change }) => (change.parts.has("voices") || change.parts.has("names")) && ask());
  session.on("level", ask);
  session.on("status", ask);
}
