// The elements of the transcript's rows.
import { LABEL_DOUBT, WORD_DOUBT, countUpTo } from "./model.js";

const app = window.meetingApp;

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

export function chapterElement(transcript, { chapter }) {
  const { title } = transcript.chapters[chapter];
  const number = make("span", { "aria-hidden": "true" }, String(chapter + 1));
  return make("h2", { class: "chapter" }, number, make("span", spokenIn(transcript), title));
}

// What is spoken may be in another language than the page.
const spokenIn = ({ language }) => (language ? { lang: language } : {});

// A turn, or a part of a long one; `state` says what is marked in it.
export function turnElement(state, row) {
  const { transcript } = state;
  const turn = transcript.turn(row.turn);
  const isPlaying = row.turn === state.playing;
  const color = turn.speaker?.color ?? 0;
  const element = make("article", {
    class: `turn speaker-${color}${row.part ? " more" : ""}${isPlaying ? " playing" : ""}`,
    "data-turn": turn.id,
    "data-start": turn.start,
    "data-end": turn.end,
    "aria-posinset": row.turn + 1,
    "aria-setsize": transcript.numTurns,
    "aria-label": app.t("{name} at {clock}", {
      name: turn.speaker?.name ?? app.t("Unknown"),
      clock: app.clock(turn.start),
    }),
  });
  if (isPlaying) element.setAttribute("aria-current", "true");
  if (!row.part) element.append(header(turn));
  element.append(paragraph(state, row));
  return element;
}

function header(turn) {
  const { speaker } = turn;
  const name = speaker?.name ?? app.t("Unknown");
  const face = [make("i", { class: "avatar", "aria-hidden": "true" }, speaker?.initials ?? "?"), make("span", {}, name)];
  const clock = app.clock(turn.start);
  return make(
    "header", {},
    speaker
      ? make("button", {
          type: "button", class: "name", "data-speaker": speaker.label, "data-name": name,
          title: app.t("Click to name this speaker"),
        }, ...face)
      : make("span", { class: "name" }, ...face),
    make("a", {
      class: "clock", href: "#", "data-seek": turn.start,
      "aria-label": app.t("Play from {clock}", { clock }),
    }, clock),
    make("span", { class: "controls", "data-controls": "" }),
  );
}

function paragraph(state, { first, last }) {
  const { transcript } = state;
  const element = make("p", spokenIn(transcript));
  const marked = hitWords(state, first, last);
  for (let word = first; word < last; word += 1) {
    if (word > first && transcript.needsSpace(word)) element.append(" ");
    const span = document.createElement("span");
    span.dataset.w = word;
    span.textContent = transcript.texts[word];
    const classes = wordClasses(state, word, marked.get(word));
    if (classes) span.className = classes;
    if (transcript.doubts[word]) span.title = doubtText(transcript, word);
    element.append(span);
  }
  return element;
}

function wordClasses({ transcript, spoken, cursor }, word, hit) {
  const doubt = transcript.doubts[word];
  return [
    doubt & WORD_DOUBT ? "unsure" : "",
    doubt & LABEL_DOUBT ? "unsure-who" : "",
    word === spoken ? "spoken" : "",
    word === cursor ? "cursor" : "",
    hit ?? "",
  ].filter(Boolean).join(" ");
}

function doubtText(transcript, word) {
  const doubt = transcript.doubts[word];
  const texts = [];
  if (doubt & WORD_DOUBT) {
    texts.push(app.t("Unsure of this word ({percent} %)", { percent: transcript.probabilities[word] }));
  }
  if (doubt & LABEL_DOUBT) texts.push(app.t("Unsure who said this"));
  return texts.join(" · ");
}

// Which words of a row a search has found: word → class.
function hitWords({ hits, hitFirsts, hit }, first, last) {
  const marked = new Map();
  let place = Math.max(0, countUpTo(hitFirsts, first) - 1);
  for (; place < hits.length && hits[place].first < last; place += 1) {
    for (let word = Math.max(first, hits[place].first); word < Math.min(last, hits[place].last); word += 1) {
      marked.set(word, place === hit ? "hit now" : "hit");
    }
  }
  return marked;
}
