// The meeting in numbers, each stretch of it to be heard.
const app = window.meetingApp;

export function mount(element) {
  app.on("meeting", (meeting) => app.fill(element, "statistics", meeting?.parts.statistics ?? ""));
  element.addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    if (!link) return;
    event.preventDefault();
    app.send("show-part", "transcript");
    app.send("seek", { time: Number(link.dataset.seek), play: true, scroll: true });
  });
}
