const app = window.meetingApp;
let starts = [];
let links = [];

app.on("meeting", (meeting) => {
  app.fill(element, "chapters", meeting?.chapters ?? "");
  links = [...element.querySelectorAll("[data-start]")];
  starts = links.map((link) => Number(link.dataset.start));
});
app.on("time", ({ time }) => {
  const playing = starts.findLastIndex((start) => start <= time + 0.01);
  links.forEach((link, index) => {
    if (index === playing) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
});
element.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek]");
  if (!link) return;
  event.preventDefault();
  app.send("show-part", "transcript");
  app.send("seek", { time: Number(link.dataset.seek), play: true, scroll: true });
});
