// The first look at a meeting: heading, lanes and the first lines, painted before the parts of the
// page are there. It lies over them, lets everything through, and goes when they show the same.
import { Axis } from "./axis.js";
import { correctionsBar } from "./corrections.js";
import { drawAxis, heightOf } from "./drawing.js";
import { Transcript } from "./model.js";
import { chapterElement, turnElement } from "./rows.js";

const app = window.meetingApp;
const ROWS = 40; // as many as no window is high
const PATIENCE = 1000; // ms to wait for what others add to the heading

// `meeting` as the server sends it.
export function paint(meeting) {
  const look = document.getElementById("first-look").content.firstElementChild.cloneNode(true);
  // The parts themselves have these names.
  for (const named of look.querySelectorAll("[id]")) named.removeAttribute("id");
  document.body.append(look);
  leave(look, meeting.id); // also if it cannot be filled
  const part = (name) => look.querySelector(`[data-as="${name}"]`);
  for (const [name, markup] of Object.entries(meeting.parts)) app.fill(part(name), name, markup);
  const transcript = new Transcript(meeting);
  showWords(part("transcript"), transcript);
  showLanes(part("lanes"), transcript);
  part("player").querySelector("[data-player]").hidden = false;
  part("player").querySelector("[data-total]").textContent = app.clock(meeting.duration);
  part("heading").querySelector('[data-part="transcript"]').setAttribute("aria-pressed", "true");
  keepRoom(part("heading"), meeting, transcript.speakers.length);
  document.title = `${meeting.title} · Meeting App`;
}

function showWords(element, transcript) {
  const state = { transcript, spoken: -1, playing: -1, cursor: -1, hits: [], hitFirsts: [], hit: -1 };
  element.classList.toggle("no-words", !transcript.numWords);
  element.querySelector("[data-tools]").hidden = !transcript.numWords;
  element.querySelector("[data-list]").append(...transcript.rows.slice(0, ROWS).map(
    (row) => (row.chapter === undefined ? turnElement(state, row) : chapterElement(transcript, row)),
  ));
}

function showLanes(element, transcript) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  find("axis").hidden = false;
  find("names").append(...transcript.speakers.map(({ name, color }) => {
    const [item, button] = [document.createElement("li"), document.createElement("button")];
    item.className = `speaker-${color}`;
    button.textContent = name;
    item.append(button);
    return item;
  }));
  const plot = find("plot");
  const isNarrow = element.offsetWidth < 640;
  const height = heightOf(transcript.speakers.length, isNarrow);
  plot.style.height = `${height}px`;
  if (!plot.clientWidth) return;
  const axis = new Axis(transcript.duration, plot.clientWidth);
  const hits = { times: [], current: -1 };
  drawAxis(find("canvas"), { axis, height, isNarrow, peaks: null, hits, transcript, proposal: [] });
}

// What other parts will add to the heading, so that nothing moves when they do.
function keepRoom(heading, meeting, numSpeakers) {
  heading.querySelector(".parts").before(correctionsBar(meeting, numSpeakers));
  const shelf = Object.assign(document.createElement("span"), { className: "shelf" });
  shelf.append(Object.assign(document.createElement("button"), { textContent: app.t("Folder and tags") }));
  heading.querySelector(".facts").append(shelf);
}

// Waits for the parts to show the meeting, to fail to, or for the reader to go elsewhere.
function leave(look, id) {
  let since = 0; // when the parts had shown it
  app.on("route", (route) => route.meeting !== id && look.remove());
  const check = () => {
    if (!look.isConnected) return;
    const now = performance.now();
    // They are painted in the frame after they were made.
    if (since && (isWhole() || now - since > PATIENCE)) requestAnimationFrame(() => look.remove());
    else requestAnimationFrame(check);
    if (!since && isDone()) since = now;
  };
  requestAnimationFrame(check);
}

function isDone() {
  const page = document.getElementById("meeting-page");
  if (page?.dataset.state === "failed") return true;
  const hasWords = document.querySelector("#transcript.no-words, #transcript [data-w]");
  const canvas = document.querySelector("#lanes canvas");
  // A canvas that nobody has drawn on has no style of its own.
  return Boolean(page?.dataset.state === "ready" && hasWords && (canvas?.style.width || !canvas?.offsetParent));
}

// Whether the heading has got all that others add to it.
function isWhole() {
  const heading = document.getElementById("heading");
  return Boolean(heading?.querySelector(".corrections") && heading.querySelector(".shelf"));
}
