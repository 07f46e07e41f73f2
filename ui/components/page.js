const app = window.meetingApp;
const TITLES = {
  library: app.t("Library"), new: app.t("Add recording"), live: app.t("Live"),
  people: app.t("People"), meeting: app.t("Meeting"),
};
const OFFLINE = app.t("The server does not answer. What you typed stays here; the page goes on by itself when the server is back.");

app.settleMode();
app.settleLanguage();
element.querySelector("[data-mode]").addEventListener("click", () => {
  const isDark = document.body.classList.toggle("dark");
  localStorage.setItem(app.MODE, isDark ? "dark" : "light");
});

const language = element.querySelector("[data-language]");
for (const type of ["click", "auxclick"]) {
  language.addEventListener(type, () => (language.href = app.otherAddress()));
}
language.addEventListener("click", () => app.choose(app.other));

// What is shown is a place that the keyboard and screen readers can be sent to.
function reach(view) {
  const place = document.getElementById(`${view}-page`);
  place.tabIndex = -1;
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", TITLES[view]);
  return place;
}
element.querySelector("[data-skip]").addEventListener("click", (event) => {
  event.preventDefault();
  reach(document.body.dataset.view).focus();
});

let shown = null;
app.on("route", ({ view }) => {
  // The first page keeps the browser's own beginning; later ones are announced by being entered.
  if (shown && shown !== view) reach(view).focus({ preventScroll: true });
  shown = view;
  for (const link of element.querySelectorAll("[data-page]")) {
    if (link.dataset.page === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view !== "meeting") document.title = `${TITLES[view]} · Meeting App`;
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
app.on("connection", ({ isUp }) => {
  element.querySelector("[data-offline]").textContent = isUp ? "" : OFFLINE;
  if (isUp) app.toast(app.t("The server is back."));
});
