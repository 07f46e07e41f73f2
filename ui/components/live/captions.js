// The words of a running meeting, as they come.
import { Follow } from "./follow.js";
import { LineView } from "./lines.js";
import { colorOf, joined } from "./model.js";
import { session } from "./session.js";

const app = window.meetingApp;
const { t } = app;
const TEXT = {
  untitled: t("Untitled meeting"),
  name: (name) => t("Name of {name}", { name }),
  behind: (seconds) => t("behind by {seconds} s", { seconds: seconds.toFixed(1) }),
  speakers: (count) => (count === 1 ? t("1 speaker") : t("{count} speakers", { count })),
  listening: t("Listening. The first words appear here as soon as somebody speaks."),
  connecting: t("Connecting to the meeting"),
  nothing: t("Nothing was said."),
  copied: t("Link copied. Whoever opens it watches along."),
  link: t("Link for watching"),
  present: t("Presentation view"),
  endPresent: t("End the presentation"),
  edited: t("edited"),
};
const PARTS = [
  "title", "behind", "smaller", "larger", "link", "present", "facts", "speakers", "stage", "lines", "empty", "end",
  "follow", "log",
];
const BLOCK = 40; // lines
const SIZES = [14, 16, 18, 21, 25, 30]; // px
const SIZE = "meeting-app.live-size";
const LATE = 1; // seconds behind that are worth saying
const MOST_PAINTS = 20_000;
const MOST_SPOKEN = 5; // final lines that a screen reader may still have to read

// Times of the words for a benchmark: {type, line, words, received, painted}, the two times in ms
// since 1970 (performance.timeOrigin + performance.now()), of the last MOST_PAINTS events.
const paints = [];

export function mount(element) {
  // Once: a search would go through all lines each time.
  const parts = new Map(PARTS.map((name) => [name, element.querySelector(`[data-${name}]`)]));
  const find = (name) => parts.get(name);
  const [place, stage, speakers, log] = ["lines", "stage", "speakers", "log"].map(find);
  const views = new Map(); // id → LineView
  const blocks = new Map(); // number → element
  const waiting = { lines: new Set(), parts: new Set(), events: [], isAsked: false };
  let shown = null; // the Meeting that is shown
  let marked = 0;
  const bar = () => document.querySelector("#recorder .bar")?.offsetHeight ?? 0;
  const isPresented = () => document.body.classList.contains("presenting");
  const follow = new Follow({
    stage,
    end: find("end"),
    bottom: () => (isPresented() ? 0 : bar()),
    onchange: (isOn) => (find("follow").hidden = isOn),
  });
  app.live = {
    session,
    paints,
    follow,
    // Of the microphone: ms since 1970 of the first sample, and samples since.
    get startedAt() { return session.startedAt; },
    get numCaptured() { return session.numCaptured; },
  };

  function viewOf(id) {
    if (!views.has(id)) {
      const view = new LineView(id);
      views.set(id, view);
      insert(blockOf(id), view.root, "line", id);
    }
    return views.get(id);
  }

  // Lines stand in blocks, which the browser skips as wholes while they are out of sight.
  function blockOf(id) {
    const number = Math.floor(id / BLOCK);
    if (!blocks.has(number)) {
      const block = Object.assign(document.createElement("div"), { className: "block" });
      block.dataset.block = number;
      blocks.set(number, block);
      insert(place, block, "block", number);
    }
    return blocks.get(number);
  }
  // New ones nearly always come last.
  function insert(parent, node, kind, number) {
    let before = parent.lastElementChild;
    while (before && Number(before.dataset[kind]) > number) before = before.previousElementSibling;
    if (before) before.after(node);
    else parent.prepend(node);
  }
  function remove(view) {
    const block = view.root.parentElement;
    view.root.remove();
    views.delete(view.id);
    if (block.children.length) return;
    block.remove();
    blocks.delete(Number(block.dataset.block));
  }
  const viewIn = (node) => (node ? views.get(Number(node.dataset.line)) : undefined);
  const previousOf = ({ root }) =>
    viewIn(root.previousElementSibling ?? root.parentElement.previousElementSibling?.lastElementChild);
  const nextOf = ({ root }) =>
    viewIn(root.nextElementSibling ?? root.parentElement.nextElementSibling?.firstElementChild);

  function showLine(id) {
    const line = shown.lines.get(id);
    if (!line || !line.words.length) {
      const gone = views.get(id);
      if (gone?.isNamed) return; // it goes when the name is typed
      const after = gone && nextOf(gone);
      if (gone) remove(gone);
      if (after) showLine(after.id);
      return;
    }
    const view = viewOf(id);
    const before = previousOf(view)?.lastLabel;
    const isOther = view.show(line, shown, { before, canChange: session.canChange, clock: app.clock });
    const next = nextOf(view);
    if (isOther && next) showLine(next.id);
  }

  function showSpeakers() {
    const labels = shown.labels();
    const key = labels.map((label) => `${label} ${shown.displayName(label)} ${session.canChange}`).join("\n");
    if (speakers.dataset.key === key) return;
    const chips = labels.map((label) => {
      const item = document.createElement("li");
      item.className = `speaker-${colorOf(label)}`;
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "chip", disabled: !session.canChange });
      const dot = Object.assign(document.createElement("i"), { className: "dot" });
      const name = Object.assign(document.createElement("span"), { textContent: shown.displayName(label) });
      chip.dataset.speaker = label;
      chip.append(dot, name);
      item.append(chip);
      return item;
    });
    speakers.dataset.key = key;
    speakers.replaceChildren(...chips);
    showFacts();
  }

  function showFacts() {
    const number = speakers.children.length;
    const facts = [];
    if (shown.language) facts.push(languageName(shown.language));
    stage.lang = log.lang = shown.language ?? "";
    if (number) facts.push(TEXT.speakers(number));
    const key = facts.join("|");
    if (find("facts").dataset.key === key) return;
    find("facts").dataset.key = key;
    find("facts").replaceChildren(
      ...facts.map((fact) => Object.assign(document.createElement("span"), { textContent: fact })),
    );
  }

  function languageName(code) {
    const option = document.querySelector(`#setup [data-language] option[value="${CSS.escape(code)}"]`);
    return option?.textContent ?? code;
  }

  function showMarks() {
    for (const mark of shown.marks.slice(marked)) {
      const line = lineAt(mark.time);
      if (line) viewOf(line.id).mark(mark.note);
    }
    marked = shown.marks.length;
  }

  // The line that was being said, or the last one before.
  function lineAt(time) {
    return [...shown.lines.values()].findLast((line) => line.words.length && line.words[0][1] <= time + 0.01);
  }

  function showStatus() {
    const title = shown.title ?? session.record?.title;
    find("title").textContent = title || TEXT.untitled;
    if (document.body.dataset.view === "live" && session.status !== "idle") {
      document.title = `${session.isRecording ? "● " : ""}${title || TEXT.untitled} · Meeting App`;
    }
    const badge = find("behind");
    badge.hidden = !(shown.behind >= LATE) || session.status === "sealed";
    if (!badge.hidden) badge.textContent = TEXT.behind(shown.behind);
    const isOver = ["sealing", "sealed", "stopped"].includes(session.status);
    find("empty").hidden = views.size > 0;
    find("empty").textContent = isOver ? TEXT.nothing : shown.phase || session.isRecording ? TEXT.listening : TEXT.connecting;
    showFacts();
  }

  function speak(line) {
    const item = document.createElement("p");
    const name = shown.displayName(line.labels.find((label) => label !== null) ?? null);
    item.textContent = (name ? `${name}: ` : "") + joined(line.words);
    log.append(item);
    while (log.children.length > MOST_SPOKEN) log.firstElementChild.remove();
  }

  function paint() {
    waiting.isAsked = false;
    const { lines, parts: touched, events } = waiting;
    Object.assign(waiting, { lines: new Set(), parts: new Set(), events: [] });
    for (const id of [...lines].sort((a, b) => a - b)) showLine(id);
    if (touched.has("names") || touched.has("voices")) app.whenFree(speakers, showSpeakers);
    if (touched.has("marks")) showMarks();
    showStatus();
    follow.keep();
    for (const { event } of events) {
      const line = event.type === "final" && shown.lines.get(event.line);
      if (line) speak(line);
    }
    if (events.length) afterPaint(() => note(events));
  }

  // A task that is posted within a frame runs when that frame has been painted.
  function afterPaint(action) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), action());
    port2.postMessage(null);
  }

  function note(events) {
    const painted = performance.timeOrigin + performance.now();
    for (const { event, time } of events) {
      paints.push({ type: event.type, line: event.line, words: event.words ?? null, received: performance.timeOrigin + time, painted });
    }
    if (paints.length > MOST_PAINTS) paints.splice(0, paints.length - MOST_PAINTS);
  }

  function ask() {
    if (waiting.isAsked) return;
    waiting.isAsked = true;
    requestAnimationFrame(paint);
  }

  function begin() {
    shown = session.meeting;
    views.clear();
    blocks.clear();
    place.replaceChildren();
    log.replaceChildren();
    Object.assign(waiting, { lines: new Set(shown.lines.keys()), parts: new Set(["names", "marks"]), events: [] });
    marked = 0;
    delete speakers.dataset.key;
    follow.set(true);
    ask();
  }

  session.on("event", ({ event, change, time }) => {
    for (const id of change.lines) waiting.lines.add(id);
    for (const part of change.parts) waiting.parts.add(part);
    if (["partial", "stable", "better", "final"].includes(event.type)) waiting.events.push({ event, time });
    if (waiting.events.length > MOST_PAINTS) waiting.events = []; // a page in the background paints nothing
    ask();
  });
  let couldChange = false;
  session.on("status", () => {
    if (session.meeting !== shown) begin();
    if (couldChange !== session.canChange) {
      couldChange = session.canChange;
      waiting.lines = new Set(shown.lines.keys());
      waiting.parts.add("names");
    }
    ask();
  });

  function rename(button) {
    const label = button.dataset.speaker;
    const name = shown.displayName(label);
    app.editInPlace(button, {
      label: TEXT.name(name),
      value: name,
      save: (text) => session.name(label, text),
    });
  }

  // What had to wait for the name is shown.
  place.addEventListener("put-back", ({ target }) => {
    waiting.lines.add(Number(target.closest("[data-line]").dataset.line));
    ask();
  });

  function edit(id) {
    const line = shown.lines.get(id);
    const view = views.get(id);
    view.change(joined(line.words), (text) => {
      if (text) session.edit(id, text);
      showLine(id);
      ask();
    });
  }

  element.addEventListener("click", (event) => {
    const speaker = event.target.closest("button[data-speaker]");
    if (speaker && !speaker.disabled) rename(speaker);
    const button = event.target.closest("button.edit");
    if (button) edit(Number(button.closest("[data-line]").dataset.line));
  });
  place.addEventListener("dblclick", (event) => {
    const line = event.target.closest("p") && event.target.closest(".line.final");
    if (line && session.canChange) edit(Number(line.dataset.line));
  });
  find("follow").addEventListener("click", () => {
    follow.set(true);
    follow.keep();
  });
  app.on("live-show", ({ time }) => {
    const line = lineAt(time);
    if (!line) return;
    showPart("words");
    follow.set(false);
    views.get(line.id)?.root.scrollIntoView({ block: "center" });
  });

  let size = SIZES.indexOf(Number(localStorage.getItem(SIZE)));
  if (size < 0) size = 1;
  function resize(step) {
    size = Math.max(0, Math.min(SIZES.length - 1, size + step));
    element.style.setProperty("--caption-size", `${SIZES[size]}px`);
    find("smaller").disabled = size === 0;
    find("larger").disabled = size === SIZES.length - 1;
    if (step) localStorage.setItem(SIZE, SIZES[size]);
    follow.keep();
  }
  for (const tab of element.querySelectorAll("[data-part]")) {
    tab.addEventListener("click", () => showPart(tab.dataset.part));
  }
  function showPart(name) {
    document.getElementById("live-page").dataset.part = name;
    for (const tab of element.querySelectorAll("[data-part]")) {
      tab.setAttribute("aria-pressed", String(tab.dataset.part === name));
    }
    follow.keep();
  }
  showPart("words");
  find("smaller").addEventListener("click", () => resize(-1));
  find("larger").addEventListener("click", () => resize(1));
  resize(0);
  element.style.setProperty("--edited", JSON.stringify(TEXT.edited));

  function present(isOn) {
    document.body.classList.toggle("presenting", isOn);
    const button = find("present");
    button.setAttribute("aria-pressed", String(isOn));
    button.title = isOn ? TEXT.endPresent : TEXT.present;
    button.setAttribute("aria-label", button.title);
    follow.set(true);
    requestAnimationFrame(() => follow.keep());
  }
  find("present").addEventListener("click", async () => {
    const isOn = !isPresented();
    present(isOn);
    // Without the whole screen, the whole window will do.
    if (isOn) await document.documentElement.requestFullscreen?.().catch(() => undefined);
    else if (document.fullscreenElement) await document.exitFullscreen();
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && isPresented()) present(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isPresented() && !event.target.closest?.("input, textarea")) present(false);
  });

  find("link").addEventListener("click", async () => {
    const url = new URL(location.href);
    url.search = `?live=${encodeURIComponent(session.id ?? "")}`;
    try {
      await navigator.clipboard.writeText(url.href);
      app.toast(TEXT.copied);
    } catch {
      app.toast(TEXT.link, { link: { url: url.search, text: url.href } });
    }
  });
  app.on("route", ({ view }) => {
    if (view !== "live" && isPresented()) present(false);
    if (view === "live" && shown) ask();
  });
  begin();
}
