const app = window.meetingApp;
const field = element.querySelector("[data-search]");
const PAUSE = 200; // ms without a keystroke before a search starts
let timer = 0;
let latest = 0; // answers to older questions are not shown

async function show(query) {
  const question = ++latest;
  try {
    const asked = query ? server.search({ query }) : server.list_meetings({});
    const { list } = await app.ask(asked);
    if (question === latest) app.fill(element, "list", list);
  } catch (failure) {
    if (question !== latest) return;
    app.fill(element, "list", `<div class="empty failed" role="alert"><h2>This did not work</h2><p></p></div>`);
    element.querySelector(".empty p").textContent = failure.message;
  }
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const query = field.value.trim();
    app.amend({ q: query });
    show(query);
  }, PAUSE);
});
element.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-delete]");
  if (!button) return;
  const { meeting, title } = button.closest("[data-meeting]").dataset;
  const text = `“${title}” goes for good: recording, transcript and minutes.`;
  if (!(await app.confirmed("Delete this meeting?", text, "Delete"))) return;
  if (await app.attempt(() => app.ask(server.delete_meeting({ meeting_id: meeting })))) {
    app.toast("The meeting was deleted.");
  }
  show(field.value.trim());
});
app.on("route", ({ view, query }) => {
  if (view !== "library") return;
  field.value = query;
  show(query);
});
app.on("connection", ({ isUp }) => {
  if (isUp && document.body.dataset.view === "library") show(field.value.trim());
});
app.on("library-changed", () => {
  if (document.body.dataset.view === "library") show(field.value.trim());
});
