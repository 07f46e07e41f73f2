const app = window.meetingApp;
const REST = 4000; // ms after the reader scrolled before the page follows the sound again
let turns = [];
let starts = [];
let playing = null; // the highlighted turn
let spoken = null; // the highlighted word
let lastScroll = -Infinity;

app.on("meeting", (meeting) => {
  app.fill(element, "transcript", meeting?.transcript ?? "");
  turns = [...element.querySelectorAll("article[data-turn]")];
  starts = turns.map((turn) => Number(turn.dataset.start));
  [playing, spoken] = [null, null];
});

for (const type of ["wheel", "touchmove"]) {
  window.addEventListener(type, () => (lastScroll = performance.now()), { passive: true });
}

// The index of the last start that is not after `time`; -1 before the first.
function lastBefore(sorted, time) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function bringIntoView(turn, force) {
  const { top, bottom } = turn.getBoundingClientRect();
  const isVisible = top >= 80 && bottom <= window.innerHeight - 120;
  if (force || (!isVisible && performance.now() - lastScroll > REST)) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.scrollIntoView({ block: "center", behavior: force || calm ? "auto" : "smooth" });
  }
}

function highlight(time, isPlaying) {
  const turn = turns[lastBefore(starts, time + 0.01)] ?? null;
  if (turn !== playing) {
    playing?.classList.remove("playing");
    playing?.removeAttribute("aria-current");
    playing = turn;
    turn?.classList.add("playing");
    turn?.setAttribute("aria-current", "true");
    if (turn && isPlaying) bringIntoView(turn, false);
  }
  if (!turn) return;
  const words = [...turn.querySelectorAll("[data-w]")];
  const index = lastBefore(words.map((word) => Number(word.dataset.w)), time + 0.01);
  const word = time <= Number(turn.dataset.end) ? (words[index] ?? null) : null;
  if (word === spoken) return;
  spoken?.classList.remove("spoken");
  word?.classList.add("spoken");
  spoken = word;
}

app.on("time", ({ time, isPlaying }) => highlight(time, isPlaying));
app.on("seek", ({ time, turn, scroll }) => {
  if (!scroll) return;
  const target = turns.find((item) => item.dataset.turn === turn) ?? turns[Math.max(0, lastBefore(starts, time + 0.01))];
  if (target) bringIntoView(target, true);
});
app.on("step-turn", ({ step, time }) => {
  const here = lastBefore(starts, time + 0.01);
  const next = Math.min(turns.length - 1, Math.max(0, here + step));
  if (turns.length) app.send("seek", { time: starts[next], play: false, scroll: true });
});

element.addEventListener("click", (event) => {
  const speaker = event.target.closest("[data-speaker]");
  if (speaker) {
    app.send("rename-speaker", { button: speaker, label: speaker.dataset.speaker, name: speaker.dataset.name });
    return;
  }
  const turn = event.target.closest("article[data-turn]");
  if (event.target.closest("a[data-seek]")) event.preventDefault();
  else if (event.target.closest("input") || !window.getSelection().isCollapsed) return;
  if (!turn) return;
  const word = event.target.closest("[data-w]");
  app.send("seek", { time: Number(word ? word.dataset.w : turn.dataset.start), play: true });
});
