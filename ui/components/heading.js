const app = window.meetingApp;
let current = null; // id of the meeting that is shown or on its way
const root = () => document.getElementById("meeting-page");

function show(id, { parts, ...meeting }, { Transcript, correctionsBar }, isSame) {
  root().dataset.state = "ready";
  app.fill(element, "heading", parts.heading);
  element.querySelector(".parts").before(correctionsBar(meeting, meeting.speakers.length));
  choosePart(root().dataset.part ?? "transcript");
  const { title, duration, revision, canUndo, canRedo, hasVoices } = meeting;
  app.publish("meeting", { id, title, duration, revision, canUndo, canRedo, hasVoices, parts, transcript: new Transcript(meeting), isSame });
  document.title = `${title} · Meeting App`;
}

function showProblem(failure) {
  root().dataset.state = "failed";
  app.publish("meeting", null);
  app.fill(element, "heading", `<div class="empty failed" role="alert"><h1></h1><p></p>
    <a class="button primary" href="?" data-nav></a></div>`);
  element.querySelector(".empty h1").textContent = failure.missing
    ? app.t("This meeting is not here")
    : app.t("The meeting could not be opened");
  element.querySelector(".empty p").textContent = failure.message;
  element.querySelector(".empty a").textContent = app.t("Back to the library");
}

async function load(id) {
  current = id;
  app.forgetCommands();
  root().dataset.state = "loading";
  app.publish("meeting", null);
  app.fill(element, "heading", `<div class="loading" role="status"><i></i><i></i><i></i><span></span></div>`);
  element.querySelector(".loading span").textContent = app.t("Opening the meeting");
  try {
    await read(id, false);
  } catch (failure) {
    if (current === id) showProblem(failure);
  }
}

async function read(id, isSame) {
  const [answer, ...modules] = await Promise.all([
    app.ask(app.opening.fetch(id)),
    app.module("reading/model"),
    app.module("reading/corrections"),
  ]);
  if (current !== id) return;
  app.publish("revision", { id, revision: answer.revision }); // whoever types sees the rest later
  const draw = () => current === id && show(id, answer, Object.assign({}, ...modules), isSame);
  if (isSame) app.whenFree(root(), draw);
  else draw();
}

// Whether the server has it.
const correct = async (correction) => {
  const { correct: ask } = await app.module("correcting/asking");
  return (await app.attempt(() => ask(correction))) !== null;
};

async function refresh() {
  if (current) await app.attempt(() => read(current, true));
}

function choosePart(name) {
  root().dataset.part = name;
  for (const tab of element.querySelectorAll("[data-part]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.part === name));
  }
}

app.on("rename-speaker", ({ button, label, name }) => {
  app.editInPlace(button, {
    label: app.t("Name of {name}", { name }),
    value: name,
    save: (text) => correct({ kind: "rename-speaker", label, name: text || null }),
  });
});
app.on("show-part", choosePart);
app.on("connection", ({ isUp }) => {
  if (isUp && current && root().dataset.state === "failed") load(current);
});
app.on("refresh-meeting", refresh);
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
  if (event.target.closest("[data-choose-download]")) app.send("choose-download");
  if (event.target.closest("[data-format], [data-choose-download]")) element.querySelector(".menu").open = false;
  if (speaker) {
    app.send("rename-speaker", { button: speaker, label: speaker.dataset.speaker, name: speaker.dataset.name });
  }
  if (title) {
    app.editInPlace(title, {
      label: app.t("Title of the meeting"),
      value: title.dataset.title,
      save: (text) => text && correct({ kind: "rename-meeting", title: text }),
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
  const text = app.t("“{title}” goes to the trash, from where it can be restored for a while.", { title });
  if (!(await app.confirmed(app.t("Delete this meeting?"), text, app.t("Delete")))) return;
  if (!(await app.attempt(() => app.ask(server.delete_meeting({ meeting_id: current }))))) return;
  app.publish("meeting", null);
  app.go("?");
  app.toast(app.t("The meeting is in the trash."));
}
