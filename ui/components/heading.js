const app = window.meetingApp;
let current = null; // id of the meeting that is shown or on its way
const root = () => document.getElementById("meeting-page");

function show(id, answer, isSame) {
  // New markup may be laid out in steps; the reader must not lose the place.
  const top = window.scrollY;
  root().dataset.state = "ready";
  app.fill(element, "heading", answer.heading);
  app.publish("meeting", { ...answer, id, duration: Number(answer.duration), isSame });
  if (isSame) window.scrollTo(0, top);
  document.title = `${answer.title} · Meeting App`;
  choosePart(root().dataset.part ?? "transcript");
}

function showProblem(failure) {
  root().dataset.state = "failed";
  app.publish("meeting", null);
  app.fill(element, "heading", `<div class="empty failed" role="alert"><h1></h1><p></p>
    <a class="button primary" href="?" data-nav>Back to the library</a></div>`);
  element.querySelector(".empty h1").textContent = failure.missing
    ? "This meeting is not here"
    : "The meeting could not be opened";
  element.querySelector(".empty p").textContent = failure.message;
}

async function load(id) {
  current = id;
  root().dataset.state = "loading";
  app.publish("meeting", null);
  app.fill(element, "heading", `<div class="loading" role="status"><i></i><i></i><i></i><span>Opening the meeting</span></div>`);
  try {
    const answer = await app.ask(server.open_meeting({ meeting_id: id }));
    if (current === id) show(id, answer, false);
  } catch (failure) {
    if (current === id) showProblem(failure);
  }
}

async function change(promise) {
  const id = current;
  const answer = await app.attempt(() => app.ask(promise));
  if (answer && current === id) show(id, answer, true);
  return answer !== null;
}

function choosePart(name) {
  root().dataset.part = name;
  for (const tab of element.querySelectorAll("[data-part]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.part === name));
  }
}

app.on("rename-speaker", ({ button, label, name }) => {
  app.editInPlace(button, {
    label: `Name of ${name}`,
    value: name,
    save: (text) => change(server.rename_speaker({ meeting_id: current, label, name: text })),
  });
});
app.on("show-part", choosePart);
app.on("connection", ({ isUp }) => {
  if (isUp && current && root().dataset.state === "failed") load(current);
});
app.on("route", ({ view, meeting }) => {
  if (view === "meeting" && meeting !== current) load(meeting);
  // Coming back later fetches again: another tab may have changed or deleted it.
  if (view !== "meeting") current = null;
});

element.addEventListener("click", async (event) => {
  const title = event.target.closest("button.editable");
  const speaker = event.target.closest("[data-speaker]");
  const part = event.target.closest("[data-part]");
  if (part) choosePart(part.dataset.part);
  if (event.target.closest("[data-format]")) element.querySelector(".menu").open = false;
  if (speaker) {
    app.send("rename-speaker", { button: speaker, label: speaker.dataset.speaker, name: speaker.dataset.name });
  }
  if (title) {
    app.editInPlace(title, {
      label: "Title of the meeting",
      value: title.dataset.title,
      save: (text) => text && change(server.rename_meeting({ meeting_id: current, title: text })),
    });
  }
  if (event.target.closest("[data-delete]")) await remove();
});
document.addEventListener("click", (event) => {
  const menu = element.querySelector(".menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

async function remove() {
  const { title } = element.querySelector(".editable").dataset;
  const text = `“${title}” goes for good: recording, transcript and minutes.`;
  if (!(await app.confirmed("Delete this meeting?", text, "Delete"))) return;
  if (!(await app.attempt(() => app.ask(server.delete_meeting({ meeting_id: current }))))) return;
  app.publish("meeting", null);
  app.go("?");
  app.toast("The meeting was deleted.");
}
