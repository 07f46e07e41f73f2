// Plays the sound of a meeting; the browser fetches only the parts that it plays.
import { mount as mountKeyboard } from "./keyboard.js";

const app = window.meetingApp;
const SILENCE = "meeting-app.skip-silence";
const LEAD = 0.15; // s of a silence that are kept before the next word

export function mount(element) {
  mountKeyboard(element);
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [box, audio, bar, problem, speed, silence] =
    ["player", "audio", "seek-bar", "problem", "speed", "silence"].map(find);
  let meeting = null;
  let isDragging = false;
  let lastRoute = null;
  let skipsSilence = localStorage.getItem(SILENCE) === "true";
  let announced = -1; // the second that the clock shows
  let asked = null; // where to, before there was a meeting to play

  const duration = () => (Number.isFinite(audio.duration) && audio.duration) || meeting?.duration || 0;

  function tell() {
    const time = audio.currentTime;
    if (Math.floor(time) !== announced) {
      announced = Math.floor(time);
      find("now").textContent = app.clock(time);
      bar.setAttribute("aria-valuetext", app.clock(time));
    }
    if (!isDragging) bar.value = time;
    bar.style.setProperty("--played", `${(100 * bar.value) / (duration() || 1)}%`);
    app.publish("time", { time, isPlaying: !audio.paused });
  }
  // timeupdate comes four times a second, too seldom to follow words.
  function follow() {
    if (!audio.paused) {
      if (skipsSilence) skip();
      requestAnimationFrame(follow);
    }
    tell();
  }
  function skip() {
    const end = meeting?.transcript.silenceEnd(audio.currentTime) ?? null;
    if (end !== null && end - LEAD - audio.currentTime > LEAD && !audio.seeking) audio.currentTime = end - LEAD;
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
  function setSilence(isOn) {
    skipsSilence = isOn;
    localStorage.setItem(SILENCE, String(isOn));
    silence.setAttribute("aria-pressed", String(isOn));
  }
  setSilence(skipsSilence);

  // Before the meeting: its place is in the address.
  app.on("route", (route) => {
    const isHere = meeting && route.view === "meeting" && route.meeting === meeting.id;
    lastRoute = route;
    if (route.view !== "meeting") audio.pause();
    if (isHere && route.time !== null) app.send("seek", { time: route.time, play: false, scroll: true });
  });
  app.on("seek", (wanted) => {
    asked = meeting ? null : wanted;
    if (!meeting) return;
    seek(wanted.time);
    if (wanted.play) play();
    else remember();
  }, { late: true });
  app.on("meeting", (shown) => {
    if (shown?.isSame) {
      meeting = shown;
      tell(); // the markup is new, the highlight is gone
      return;
    }
    audio.pause();
    meeting = shown;
    box.hidden = !shown;
    problem.hidden = true;
    if (!shown) {
      asked = null;
      audio.removeAttribute("src");
      audio.load();
      return;
    }
    audio.src = app.url(`api/meetings/${encodeURIComponent(shown.id)}/audio`);
    audio.playbackRate = Number(speed.value);
    stretch();
    const time = lastRoute?.time ?? null;
    seek(time ?? 0);
    if (asked) app.send("seek", asked);
    else if (time !== null) app.send("seek", { time, play: false, scroll: true });
  });
  app.on("toggle-play", toggle);
  app.on("skip", ({ by }) => seek(audio.currentTime + by));
  app.on("speed", ({ step }) => {
    const chosen = Math.min(Math.max(0, speed.selectedIndex + step), speed.options.length - 1);
    speed.selectedIndex = chosen;
    audio.playbackRate = Number(speed.value);
  });
  app.on("toggle-silence", () => setSilence(!skipsSilence));

  audio.addEventListener("play", () => {
    box.classList.add("on");
    find("play").setAttribute("aria-label", app.t("Pause"));
    follow();
  });
  audio.addEventListener("pause", () => {
    box.classList.remove("on");
    find("play").setAttribute("aria-label", app.t("Play"));
    tell();
    remember();
  });
  audio.addEventListener("seeked", tell);
  audio.addEventListener("loadedmetadata", stretch);
  audio.addEventListener("error", () => {
    if (!audio.getAttribute("src")) return;
    problem.hidden = false;
    problem.textContent = app.t("The sound of this meeting cannot be played; the transcript is complete.");
  });
  find("play").addEventListener("click", toggle);
  for (const button of element.querySelectorAll("[data-skip]")) {
    button.addEventListener("click", () => seek(audio.currentTime + Number(button.dataset.skip)));
  }
  silence.addEventListener("click", () => setSilence(!skipsSilence));
  find("show-keys").addEventListener("click", () => app.send("help", null));
  speed.addEventListener("change", () => (audio.playbackRate = Number(speed.value)));
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
}
