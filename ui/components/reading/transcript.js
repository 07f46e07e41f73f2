// The words of a meeting, by turns; only what is near the window is mounted.
//
// For those who build on it (words and turns are places in `meeting.transcript`, see model.js):
//   app.on("meeting", (meeting) => …)  { id, title, duration, revision, transcript, isSame } or null;
//                                      isSame says that it is the one shown before, changed
//   app.on("selection", (chosen) => …) { first, last, start, end, turns } or null: words from
//                                      `first` to before `last`, their seconds, their turns
//   app.on("turn", (turn) => …)        the turn of the cursor, as `transcript.turn(place)` gives
//                                      it with `word`, the cursor itself; null before any
//   onTurnHeader((place, turn) => …)   is called for each turn's header that is or will be mounted;
//                                      put controls into the element `place`
//   app.send("refresh-meeting")        fetches the meeting anew; place, cursor and search stay
//   app.send("seek", { time, play, scroll, turn })   turn: its id, to scroll to
//   app.send("reveal", { word })       scrolls to a word and puts the cursor there
import { Transcript } from "./model.js";
import { Index } from "./search.js";
import { turnElement, chapterElement } from "./rows.js";
import { VirtualList } from "./virtual.js";

const app = window.meetingApp;
const REST = 4000; // ms after the reader scrolled before the page follows the sound again
const TOP = 80; // px of the window that the bar covers
const BOTTOM = 130; // px that the player covers
const headerMakers = [];
let furnish = () => {}; // gives the headers that are mounted what one maker makes

export function onTurnHeader(make) {
  headerMakers.push(make);
  furnish(make);
}

export function mount(element) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [box, field, count] = ["list", "find", "count"].map(find);
  const state = { transcript: null, spoken: -1, playing: -1, cursor: -1, hits: [], hitFirsts: [], hit: -1 };
  let index = null; // for searching; made when it is first needed
  let lastScroll = -Infinity;
  let now = { time: 0, isPlaying: false };
  let wanted = null; // the moment that the address asks for
  const list = new VirtualList(box, { render, estimate });
  furnish = (make) => list.mounted.forEach((made, place) => fitOut(made, place, [make]));

  function render(place) {
    const row = state.transcript.rows[place];
    if (row.chapter !== undefined) return chapterElement(state.transcript, row);
    const made = turnElement(state, row);
    fitOut(made, place, headerMakers);
    return made;
  }
  function fitOut(row, place, makers) {
    const header = row.querySelector("[data-controls]");
    if (header) makers.forEach((make) => make(header, state.transcript.turn(state.transcript.rows[place].turn)));
  }

  // Good enough that the scrollbar does not jump; the truth comes with mounting.
  function estimate(place) {
    const { chapter, part, first, last } = state.transcript.rows[place];
    if (chapter !== undefined) return 75;
    const perLine = Math.max(20, Math.min(box.clientWidth - 40, 560) / 7.6);
    const letters = state.transcript.text(first, last);
    const width = [...letters].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 2 : 1), 0);
    return (part ? 8 : 52) + 26 * Math.ceil(width / perLine);
  }

  function show(meeting) {
    const isSame = Boolean(meeting?.isSame);
    const cursorTime = state.cursor >= 0 ? state.transcript?.starts[state.cursor] : null;
    state.transcript = meeting?.transcript ?? null;
    Object.assign(state, { spoken: -1, playing: -1, hits: [], hitFirsts: [], hit: -1 });
    state.cursor = isSame && cursorTime !== null ? state.transcript.lastBegun(cursorTime) : -1;
    index = null;
    element.classList.toggle("no-words", Boolean(meeting) && !meeting.transcript.numWords);
    find("tools").hidden = !meeting?.transcript.numWords;
    box.dataset.count = state.transcript?.rows.length ?? 0;
    if (!isSame) field.value = "";
    if (field.value) search();
    list.reset(state.transcript?.rows.map((row) => row.key) ?? [], { keepPlace: isSame });
    if (!isSame) app.publish("turn", null);
    if (isSame) highlight(now.time, now.isPlaying);
    else if (state.transcript?.numWords && wanted !== null) {
      setCursor(state.transcript.lastBegun(wanted));
      bringIntoView(state.cursor, true);
    }
  }

  const wordElement = (word) =>
    word < 0 ? null : (list.element(state.transcript.rowOf(word))?.querySelector(`[data-w="${word}"]`) ?? null);
  const rowElements = (turn) =>
    box.querySelectorAll(`[data-turn="${CSS.escape(String(state.transcript.turnIds[turn]))}"]`);

  function isVisible(target) {
    const { top, bottom } = target.getBoundingClientRect();
    return top >= TOP && bottom <= window.innerHeight - BOTTOM;
  }

  function bringIntoView(word, force) {
    if (word < 0) return;
    const target = wordElement(word);
    if (force ? target && isVisible(target) : performance.now() - lastScroll < REST) return;
    if (target && isVisible(target)) return;
    list.scrollTo(state.transcript.rowOf(word));
    const found = wordElement(word);
    // A row may be higher than the window.
    if (found && !isVisible(found)) found.scrollIntoView({ block: "center", behavior: "instant" });
  }

  function setCursor(word) {
    if (word < 0 || word === state.cursor) return;
    const before = state.cursor;
    state.cursor = word;
    wordElement(before)?.classList.remove("cursor");
    wordElement(word)?.classList.add("cursor");
    app.publish("turn", { ...state.transcript.turn(state.transcript.turnOf(word)), word });
  }

  function highlight(time, isPlaying) {
    if (!state.transcript) return;
    const begun = state.transcript.lastBegun(time);
    const turn = begun < 0 ? -1 : state.transcript.turnOf(begun);
    const word = state.transcript.wordAt(time);
    if (turn !== state.playing) {
      if (state.playing >= 0) rowElements(state.playing).forEach((row) => mark(row, false));
      state.playing = turn;
      if (turn >= 0) rowElements(turn).forEach((row) => mark(row, true));
    }
    if (isPlaying && state.cursor < 0) setCursor(word);
    if (word === state.spoken) return;
    wordElement(state.spoken)?.classList.remove("spoken");
    state.spoken = word;
    const found = wordElement(word);
    found?.classList.add("spoken");
    if (!isPlaying || word < 0) return;
    setCursor(word);
    if (!found || !isVisible(found)) bringIntoView(word, false);
  }

  function mark(row, isPlaying) {
    row.classList.toggle("playing", isPlaying);
    if (isPlaying) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }

  function search() {
    index ??= new Index(state.transcript);
    const query = field.value;
    state.hits = index.find(query);
    state.hitFirsts = state.hits.map((hit) => hit.first);
    const from = state.transcript.rowOf(0) < 0 ? 0 : Math.max(0, firstVisible());
    state.hit = state.hits.length ? Math.max(0, state.hits.findIndex((hit) => hit.first >= from)) : -1;
    tellHits();
  }

  function firstVisible() {
    for (const word of box.querySelectorAll("[data-w]")) {
      if (word.getBoundingClientRect().top >= TOP) return Number(word.dataset.w);
    }
    return 0;
  }

  function tellHits() {
    const { hits, hit } = state;
    const hasQuery = field.value.trim() !== "";
    count.textContent = !hasQuery ? "" : hits.length
      ? app.t("{number} of {count}", { number: hit + 1, count: hits.length })
      : app.t("Not found");
    for (const button of element.querySelectorAll("[data-step-hit]")) button.disabled = !hits.length;
    app.publish("hits", {
      times: hits.map(({ first }) => state.transcript.starts[first]),
      current: hit,
    });
  }

  function stepHit(step) {
    if (!state.hits.length) return;
    state.hit = (state.hit + step + state.hits.length) % state.hits.length;
    tellHits();
    list.redraw();
    bringIntoView(state.hits[state.hit].first, true);
  }

  let searchTimer = 0;
  field.addEventListener("input", () => {
    clearTimeout(searchTimer);
    // The letter is painted first; what it finds follows in the next task.
    searchTimer = setTimeout(() => {
      search();
      list.redraw();
      if (state.hit >= 0) bringIntoView(state.hits[state.hit].first, true);
    }, 60);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      stepHit(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      field.value = "";
      search();
      list.redraw();
      field.blur();
    }
  });
  for (const button of element.querySelectorAll("[data-step-hit]")) {
    button.addEventListener("click", () => stepHit(Number(button.dataset.stepHit)));
  }
  for (const type of ["wheel", "touchmove"]) {
    window.addEventListener(type, () => (lastScroll = performance.now()), { passive: true });
  }

  function seekTo(word, play) {
    setCursor(word);
    app.send("seek", { time: state.transcript.starts[word], play });
  }

  function step(toWord, play = false) {
    if (toWord < 0 || !state.transcript) return;
    seekTo(toWord, play);
    bringIntoView(toWord, true);
  }
  // Where the keys start from: the cursor, or what would be heard before there is one.
  const here = () => Math.max(0, state.cursor < 0 ? state.transcript.lastBegun(now.time) : state.cursor);

  app.on("route", ({ time }) => (wanted = time));
  app.on("meeting", show);
  app.on("time", (told) => {
    now = told;
    highlight(now.time, now.isPlaying);
  });
  app.on("seek", ({ time, turn, scroll }) => {
    if (!state.transcript?.numWords) return;
    const place = turn === undefined ? -1 : state.transcript.turnWithId(Number(turn));
    const word = place >= 0 ? state.transcript.firsts[place] : Math.max(0, state.transcript.lastBegun(time));
    if (!scroll) return;
    setCursor(word);
    bringIntoView(word, true);
  }, { late: true });
  app.on("reveal", ({ word }) => {
    setCursor(word);
    bringIntoView(word, true);
  });
  app.on("step-turn", ({ step: by }) => {
    if (!state.transcript?.numWords) return;
    const turn = state.transcript.turnOf(here()) + by;
    step(state.transcript.firsts[Math.min(state.transcript.numTurns - 1, Math.max(0, turn))]);
  });
  app.on("step-doubt", ({ step: by }) => {
    if (!state.transcript?.numWords) return;
    const word = state.transcript.nextDoubt(state.cursor, by);
    if (word < 0) app.toast(by > 0 ? app.t("No doubt after this place.") : app.t("No doubt before this place."));
    step(word);
  });
  app.on("find", () => {
    app.send("show-part", "transcript");
    field.focus();
    field.select();
  });

  element.addEventListener("click", (event) => {
    const speaker = event.target.closest("[data-speaker]");
    if (speaker) {
      app.send("rename-speaker", { button: speaker, label: speaker.dataset.speaker, name: speaker.dataset.name });
      return;
    }
    const row = event.target.closest("article[data-row]");
    if (event.target.closest("a[data-seek]")) event.preventDefault();
    else if (event.target.closest("input, [data-controls]") || !window.getSelection().isCollapsed) return;
    if (!row) return;
    const word = event.target.closest("[data-w]");
    seekTo(word ? Number(word.dataset.w) : state.transcript.rows[Number(row.dataset.row)].first, true);
  });

  let chosenKey = "";
  document.addEventListener("selectionchange", () => {
    const chosen = selectedWords(box, state.transcript);
    const key = chosen ? `${chosen.first}-${chosen.last}` : "";
    if (key === chosenKey) return;
    chosenKey = key;
    app.publish("selection", chosen);
  });
  window.addEventListener("beforeprint", () => element.classList.add("printing"));
  window.addEventListener("afterprint", () => element.classList.remove("printing"));
}

// The words that a selection of text touches; null for none.
function selectedWords(box, transcript) {
  const selection = window.getSelection();
  if (!transcript || !selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(box)) return null;
  const touched = [...box.querySelectorAll("[data-w]")].filter((word) => {
    if (!range.intersectsNode(word)) return false;
    const own = document.createRange();
    own.selectNodeContents(word);
    // A range that only meets the edge of a word does not choose it.
    return range.compareBoundaryPoints(Range.START_TO_END, own) > 0
      && range.compareBoundaryPoints(Range.END_TO_START, own) < 0;
  });
  if (!touched.length) return null;
  const first = Number(touched[0].dataset.w);
  const last = Number(touched.at(-1).dataset.w) + 1;
  const turns = [];
  for (let turn = transcript.turnOf(first); turn <= transcript.turnOf(last - 1); turn += 1) turns.push(turn);
  const ends = transcript.ends.subarray(first, last);
  return {
    first, last, turns,
    start: transcript.starts.subarray(first, last).reduce((a, b) => Math.min(a, b)),
    end: ends.reduce((a, b) => Math.max(a, b)),
  };
}

export { Transcript };
