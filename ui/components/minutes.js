const app = window.meetingApp;

app.on("meeting", (meeting) => app.fill(element, "minutes", meeting?.parts.minutes ?? ""));
element.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek]");
  if (!link) return;
  event.preventDefault();
  app.send("show-part", "transcript");
  app.send("seek", {
    time: Number(link.dataset.seek), turn: link.dataset.turn, play: true, scroll: true,
  });
});
