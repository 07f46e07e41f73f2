const app = window.meetingApp;
const dialog = element.querySelector("[data-shelf]");
const [path, names] = ["path", "names"].map((name) => element.querySelector(`[data-${name}]`));
let current = null; // id of the meeting that is open

async function show(id) {
  const answer = await app.attempt(() => app.ask(server.shelf_of({ meeting_id: id })));
  const facts = document.querySelector("#heading .facts");
  if (!answer || !facts || current !== id) return;
  facts.querySelector(".shelf")?.remove();
  const place = document.createElement("span");
  place.className = "shelf";
  place.innerHTML = answer.shelf;
  place.querySelector("[data-keep]").addEventListener("click", () => edit(id, answer));
  facts.append(place);
}

function edit(id, { folder, tags, folders }) {
  [path.value, names.value] = [folder, tags];
  const options = folders.split("\n").filter(Boolean).map((name) => new Option(name, name));
  element.querySelector("datalist").replaceChildren(...options);
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && keep(id), { once: true });
  dialog.showModal();
}

async function keep(id) {
  const wanted = { meeting_id: id, folder: path.value, tags: names.value };
  if (await app.attempt(() => app.ask(server.keep_meeting(wanted)))) show(id);
}

element.querySelector("[data-close]").addEventListener("click", () => dialog.close("no"));
app.on("meeting", (meeting) => {
  current = meeting?.id ?? null;
  if (current) show(current);
});
