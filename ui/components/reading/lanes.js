// Who speaks when, chapters, sound, doubts and what a search found, on one axis of time.
import { Axis } from "./axis.js";
import { Peaks } from "./peaks.js";
import { drawAxis, heightOf } from "./drawing.js";

const app = window.meetingApp;
const CLICK = 4; // px; who moves the pointer further drags
const WHEEL = 0.0022; // how much a step of the wheel zooms

export function mount(element) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [box, plot, canvas, playhead, hint] = ["axis", "plot", "canvas", "playhead", "hint"].map(find);
  let meeting = null;
  let peaks = null;
  let axis = new Axis(1, 1);
  let time = 0;
  let hits = { times: [], current: -1 };
  let proposal = []; // stretches that would change their speaker
  let isDrawn = false;

  function draw() {
    if (isDrawn) return;
    isDrawn = true;
    requestAnimationFrame(() => {
      isDrawn = false;
      if (!meeting || !plot.offsetParent) return;
      const isNarrow = element.offsetWidth < 640;
      const height = heightOf(meeting.transcript.speakers.length, isNarrow);
      plot.style.height = `${height}px`;
      axis.width = plot.clientWidth;
      drawAxis(canvas, { axis, height, isNarrow, peaks, hits, proposal, transcript: meeting.transcript });
      movePlayhead();
    });
  }

  function movePlayhead() {
    const x = axis.x(time);
    playhead.style.transform = `translateX(${x}px)`;
    playhead.hidden = x < 0 || x > axis.width;
  }

  // What a reader of the screen hears; not with every frame.
  function describe() {
    if (!meeting) return;
    const { transcript } = meeting;
    const names = transcript.speakersAt(time).map((place) => transcript.speakers[place].name);
    const chapter = transcript.chapters[transcript.chapterAt(time)]?.title;
    plot.setAttribute("aria-valuenow", time.toFixed(1));
    plot.setAttribute("aria-valuetext", [app.clock(time), chapter, names.join(", ")].filter(Boolean).join(" · "));
  }

  async function fetchPeaks(id) {
    peaks = null;
    const answer = await fetch(new URL(app.url(`api/meetings/${encodeURIComponent(id)}/peaks`), document.baseURI));
    // Without it everything works but the picture of the sound.
    if (!answer.ok || meeting?.id !== id) return;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (meeting?.id !== id) return;
    peaks = new Peaks(bytes);
    draw();
  }

  function listNames({ speakers }) {
    find("names").replaceChildren(...speakers.map(({ label, name, color }) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: name, title: app.t("Click to name this speaker") });
      Object.assign(button.dataset, { speaker: label, name });
      item.className = `speaker-${color}`;
      item.append(button);
      return item;
    }));
  }

  app.on("meeting", (shown) => {
    const isSame = Boolean(shown?.isSame);
    meeting = shown;
    box.hidden = !shown;
    if (!shown) return;
    if (!isSame) {
      axis = new Axis(shown.duration, plot.clientWidth);
      hits = { times: [], current: -1 };
      plot.setAttribute("aria-valuemax", shown.duration.toFixed(1));
      fetchPeaks(shown.id);
    }
    listNames(shown.transcript);
    describe();
    draw();
  });
  app.on("time", (now) => {
    if (!meeting || now.time === time) return;
    const isSecond = Math.floor(now.time) !== Math.floor(time);
    time = now.time;
    if (now.isPlaying && !axis.isWhole && axis.follow(time)) draw();
    movePlayhead();
    if (isSecond || !now.isPlaying) describe();
  });
  app.on("seek", ({ time: wanted }) => {
    if (!axis.isWhole && axis.follow(wanted)) draw();
  });
  app.on("proposal", (changes) => {
    proposal = changes;
    draw();
  });
  app.on("hits", (found) => {
    hits = found;
    draw();
  });

  function zoom(factor, x) {
    if (factor) axis.zoom(factor, x ?? Math.min(Math.max(0, axis.x(time)), axis.width));
    else axis.show(0, axis.duration);
    draw();
  }
  app.on("zoom", ({ factor }) => zoom(factor));
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    const speaker = event.target.closest("[data-speaker]");
    if (button) zoom(Number(button.dataset.zoom));
    if (speaker) app.send("rename-speaker", { button: speaker, label: speaker.dataset.speaker, name: speaker.dataset.name });
  });

  plot.addEventListener("wheel", (event) => {
    const isZoom = event.ctrlKey || event.metaKey;
    // Up and down belong to the page, unless the reader zooms.
    if (!isZoom && Math.abs(event.deltaX) <= Math.abs(event.deltaY) && !event.shiftKey) return;
    event.preventDefault();
    if (isZoom) axis.zoom(Math.exp(event.deltaY * WHEEL), event.clientX - plot.getBoundingClientRect().left);
    else axis.pan(event.shiftKey ? event.deltaY || event.deltaX : event.deltaX);
    draw();
  }, { passive: false });

  const pointers = new Map(); // id → x in the plot
  let moved = 0;
  const place = (event) => event.clientX - plot.getBoundingClientRect().left;
  plot.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    plot.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
    if (pointers.size === 1) moved = 0;
  });
  plot.addEventListener("pointermove", (event) => {
    showHint(place(event));
    if (!pointers.has(event.pointerId)) return;
    const before = [...pointers.values()];
    const by = place(event) - pointers.get(event.pointerId);
    pointers.set(event.pointerId, place(event));
    moved += Math.abs(by);
    if (moved < CLICK) return;
    if (pointers.size === 2) pinch(before, [...pointers.values()]);
    else if (axis.isWhole) seek(axis.time(place(event)), false);
    else axis.pan(-by);
    draw();
  });
  function pinch(before, now) {
    const distance = ([a, b]) => Math.max(1, Math.abs(a - b));
    axis.zoom(distance(before) / distance(now), (now[0] + now[1]) / 2);
  }
  for (const type of ["pointerup", "pointercancel"]) {
    plot.addEventListener(type, (event) => {
      const isClick = type === "pointerup" && pointers.size === 1 && pointers.has(event.pointerId) && moved < CLICK;
      pointers.delete(event.pointerId);
      if (isClick) seek(axis.time(place(event)), true);
    });
  }
  plot.addEventListener("pointerleave", () => (hint.hidden = true));

  function seek(to, scroll) {
    app.send("seek", { time: Math.min(Math.max(0, to), axis.duration), play: false, scroll });
  }

  function showHint(x) {
    if (!meeting) return;
    const at = axis.time(x);
    const { transcript } = meeting;
    const names = transcript.speakersAt(at).map((speaker) => transcript.speakers[speaker].name);
    const chapter = transcript.chapters[transcript.chapterAt(at)]?.title;
    hint.hidden = false;
    hint.textContent = [app.clock(at), names.join(", "), chapter].filter(Boolean).join(" · ");
    const half = hint.offsetWidth / 2;
    hint.style.left = `${Math.min(Math.max(x, half), axis.width - half)}px`;
  }

  const KEYS = {
    "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => zoom(0),
    ArrowLeft: () => seek(time - axis.span / 100, true), ArrowRight: () => seek(time + axis.span / 100, true),
    PageUp: () => seek(time - axis.span / 10, true), PageDown: () => seek(time + axis.span / 10, true),
    Home: () => seek(0, true), End: () => seek(axis.duration, true),
  };
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  });

  new ResizeObserver(draw).observe(element);
  // The canvas takes its colours from the page's own.
  new MutationObserver(draw).observe(document.body, { attributeFilter: ["class"] });
}
