const app = window.meetingApp;
const find = (name) => element.querySelector(`[data-${name}]`);
const [box, audio, bar, problem] = ["player", "audio", "seek-bar", "problem"].map(find);
let meeting = null;
let isDragging = false;
let lastRoute = null;

const duration = () => (Number.isFinite(audio.duration) && audio.duration) || meeting?.duration || 0;

function tell() {
  const time = audio.currentTime;
  find("now").textContent = app.clock(time);
  if (!isDragging) bar.value = time;
  bar.style.setProperty("--played", `${(100 * bar.value) / (duration() || 1)}%`);
  bar.setAttribute("aria-valuetext", app.clock(time));
  app.publish("time", { time, isPlaying: !audio.paused });
}
// timeupdate comes four times a second, too seldom to follow words.
function follow() {
  tell();
  if (!audio.paused) requestAnimationFrame(follow);
}
function stretch() {
  bar.max = duration();
  find("total").textContent = app.clock(duration());
}
function remember() {
  if (meeting) app.amend({ t: audio.currentTime > 0 ? audio.currentTime.toFixed(1) : null });
}
async function play() {
  try {
    await audio.play();
  } catch (failure) {
    // A pause or another recording while it starts is no failure.
    if (failure.name !== "AbortError" && problem.hidden) app.toast(failure.message, { failed: true });
  }
}
const toggle = () => (audio.paused ? play() : audio.pause());
function seek(time) {
  audio.currentTime = Math.min(Math.max(0, time), duration());
  tell();
}

app.on("meeting", (shown) => {
  if (shown?.isSame) {
    tell(); // the markup is new, the highlight is gone
    return;
  }
  audio.pause();
  meeting = shown;
  box.hidden = !shown;
  problem.hidden = true;
  if (!shown) {
    audio.removeAttribute("src");
    audio.load();
    return;
  }
  audio.src = app.url(`api/meetings/${encodeURIComponent(shown.id)}/audio`);
  audio.playbackRate = Number(find("speed").value);
  stretch();
  const time = lastRoute?.time ?? null;
  seek(time ?? 0);
  if (time !== null) app.send("seek", { time, play: false, scroll: true });
});
app.on("route", (route) => {
  const isHere = meeting && route.view === "meeting" && route.meeting === meeting.id;
  lastRoute = route;
  if (route.view !== "meeting") audio.pause();
  if (isHere && route.time !== null) app.send("seek", { time: route.time, play: false, scroll: true });
});
app.on("seek", ({ time, play: wanted }) => {
  seek(time);
  remember();
  if (wanted) play();
});

audio.addEventListener("play", () => {
  box.classList.add("on");
  find("play").setAttribute("aria-label", "Pause");
  follow();
});
audio.addEventListener("pause", () => {
  box.classList.remove("on");
  find("play").setAttribute("aria-label", "Play");
  tell();
  remember();
});
audio.addEventListener("seeked", tell);
audio.addEventListener("loadedmetadata", stretch);
audio.addEventListener("error", () => {
  if (!audio.getAttribute("src")) return;
  problem.hidden = false;
  problem.textContent = "The sound of this meeting cannot be played; the transcript is complete.";
});
find("play").addEventListener("click", toggle);
for (const button of element.querySelectorAll("[data-skip]")) {
  button.addEventListener("click", () => seek(audio.currentTime + Number(button.dataset.skip)));
}
find("speed").addEventListener("change", (event) => (audio.playbackRate = Number(event.target.value)));
bar.addEventListener("input", () => {
  isDragging = true;
  find("now").textContent = app.clock(bar.value);
  bar.style.setProperty("--played", `${(100 * bar.value) / (duration() || 1)}%`);
});
bar.addEventListener("change", () => {
  isDragging = false;
  seek(Number(bar.value));
  remember();
});

const KEYS = {
  " ": toggle,
  ArrowLeft: () => seek(audio.currentTime - 10),
  ArrowRight: () => seek(audio.currentTime + 10),
  j: () => app.send("step-turn", { step: 1, time: audio.currentTime }),
  k: () => app.send("step-turn", { step: -1, time: audio.currentTime }),
};
document.addEventListener("keydown", (event) => {
  const isBusy = event.target.closest?.("input, select, textarea, button, summary, dialog, [contenteditable]");
  if (!meeting || document.body.dataset.view !== "meeting" || isBusy) return;
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
