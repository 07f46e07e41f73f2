const app = window.meetingApp;
let starts = [];
let links = [];
let now = 0;
let current = -1;

app.on("meeting", (meeting) => {
  app.fill(element, "chapters", meeting?.parts.chapters ?? "");
  links = [...element.querySelectorAll("[data-start]")];
  starts = links.map((link) => Number(link.dataset.start));
  current = -1;
});
app.on("step-chapter", ({ step }) => {
  if (!starts.length) return;
  // Back from the middle of a chapter leads to its beginning first.
  const here = starts.findLastIndex((start) => start <= now + (step > 0 ? 0.01 : -2));
  const next = Math.min(starts.length - 1, Math.max(0, step > 0 ? here + 1 : here));
  app.send("seek", { time: starts[next], play: false, scroll: true });
});
app.on("time", ({ time }) => {
  now = time;
  const playing = starts.findLastIndex((start) => start <= time + 0.01);
  if (playing === current) return;
  links[current]?.removeAttribute("aria-current");
  links[playing]?.setAttribute("aria-current", "true");
  current = playing;
});
element.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek]");
  if (!link) return;
  event.preventDefault();
  if (event.target.closest(".in-place")) return; // its title is being typed
  app.send("show-part", "transcript");
  app.send("seek", { time: Number(link.dataset.seek), play: true, scroll: true });
});
