const app = window.meetingApp;
const MODE = "meeting-app.mode";
const TITLES = {
  library: app.t("Library"), new: app.t("Add recording"), live: app.t("Live"),
  people: app.t("People"),
};

const remembered = localStorage.getItem(MODE);
if (remembered) document.body.classList.toggle("dark", remembered === "dark");
element.querySelector("[data-mode]").addEventListener("click", () => {
  const isDark = document.body.classList.toggle("dark");
  localStorage.setItem(MODE, isDark ? "dark" : "light");
});

const language = element.querySelector("[data-language]");
for (const type of ["click", "auxclick"]) {
  language.addEventListener(type, () => (language.href = app.otherAddress()));
}
language.addEventListener("click", () => app.choose(app.other));

app.on("route", ({ view }) => {
  for (const link of element.querySelectorAll("[data-page]")) {
    if (link.dataset.page === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (TITLES[view]) document.title = `${TITLES[view]} · Meeting App`;
});
app.on("jobs", ({ numActive }) => {
  const badge = element.querySelector("[data-badge]");
  badge.hidden = numActive === 0;
  badge.textContent = numActive;
  badge.setAttribute("aria-label", app.t("{count} being processed", { count: numActive }));
});
app.on("live", ({ isRecording }) => {
  element.querySelector("[data-on-air]").hidden = !isRecording;
});
