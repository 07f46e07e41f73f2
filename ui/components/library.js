const app = window.meetingApp;
const { t } = app;
const find = (name) => element.querySelector(`[data-${name}]`);
const [field, picked, more, tagging, moving, exporting] = ["search", "picked", "more", "tags", "folder", "export"].map(find);
const FILTERS = ["folder", "tag", "speaker", "language", "length", "from", "to", "trash"];
const PAUSE = 200; // ms without a keystroke before a search starts
let timer = 0;
let latest = 0; // answers to older questions are not shown
let after = ""; // the last meeting that is listed, if there are more

// What the address says, as the server takes it: days become moments of the reader's calendar.
function filters() {
  const asked = new URLSearchParams(location.search);
  const query = new URLSearchParams();
  for (const name of FILTERS) if (asked.get(name)) query.set(name, asked.get(name));
  for (const [name, moment, days] of [["from", "since", 0], ["to", "until", 1]]) {
    const day = startOfDay(query.get(name), days);
    if (day) query.set(moment, day);
    query.delete(name);
  }
  return query.toString();
}

function startOfDay(text, later) {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? "");
  if (!found) return null;
  const [year, month, day] = found.slice(1).map(Number);
  return new Date(year, month - 1, day + later).toISOString();
}

// `isSame`: the list is wanted as before, after others changed it; what is chosen stays so.
async function show({ isSame = false } = {}) {
  const question = ++latest;
  const query = field.value.trim();
  if (!isSame) pick([]);
  try {
    const asked = { filters: filters(), ...(query ? { query } : { after: "" }) };
    const answer = await app.ask(query ? server.search(asked) : server.list_meetings(asked));
    if (question !== latest) return;
    app.fill(element, "alike", "");
    const draw = () => question === latest && list(answer, isSame ? chosen() : []);
    if (isSame) app.whenFree(element, draw);
    else draw();
    if (query) await showAlike(question, asked);
  } catch (failure) {
    if (question === latest) showProblem(failure);
  }
}

function list({ list: rows, more: next = "" }, ids) {
  app.fill(element, "list", rows);
  pick(ids);
  after = next;
  more.hidden = !after;
  find("empty").hidden = !new URLSearchParams(location.search).has("trash") || !boxes().length;
}

// Meaning takes longer than words, the first time by a second; nobody should wait for it.
async function showAlike(question, asked) {
  const { alike } = await app.ask(server.search_alike(asked));
  if (question === latest) app.fill(element, "alike", alike);
}

function showProblem(failure) {
  more.hidden = true;
  app.fill(element, "list", `<div class="empty failed" role="alert"><h2></h2><p></p></div>`);
  element.querySelector(".empty h2").textContent = t("This did not work");
  element.querySelector(".empty p").textContent = failure.message;
  pick([]);
}

async function showMore() {
  if (!after || more.disabled) return;
  const question = latest;
  more.disabled = true;
  const answer = await app.attempt(() => app.ask(server.list_meetings({ filters: filters(), after })));
  more.disabled = false;
  if (!answer || question !== latest) return;
  const page = document.createElement("div");
  page.dataset.slot = "page";
  const holder = document.createElement("div");
  holder.append(page);
  app.fill(holder, "page", answer.list); // with dates as the reader writes them
  element.querySelector(".rows").append(...page.querySelectorAll("li"));
  after = answer.more;
  more.hidden = !after;
}

async function showFilters() {
  const answer = await app.attempt(() => app.ask(server.list_filters({})));
  if (!answer) return;
  app.fill(element, "filters", answer.filters);
  for (const [id, names] of [["known-tags", answer.tags], ["known-folders", answer.folders]]) {
    const options = names.split("\n").filter(Boolean).map((name) => new Option(name, name));
    element.querySelector(`#${id}`).replaceChildren(...options);
  }
  mirror();
}

// Fields say what the address says; a value that is not offered (any more) is offered again.
function mirror() {
  const asked = new URLSearchParams(location.search);
  const isTrash = asked.has("trash");
  for (const choice of element.querySelectorAll("[data-filter]")) {
    const value = asked.get(choice.dataset.filter) ?? "";
    choice.value = value;
    if (value && choice.value !== value && choice.tagName === "SELECT") {
      choice.append(new Option(value, value));
      choice.value = value;
    }
  }
  const clear = find("clear");
  if (clear) clear.hidden = !FILTERS.some((name) => name !== "trash" && asked.get(name));
  find("heading").textContent = isTrash ? t("Trash") : t("Library");
  find("to-trash").textContent = isTrash ? t("Back to the library") : t("Trash");
  find("to-trash").setAttribute("href", isTrash ? "?" : "?trash=1");
  element.classList.toggle("trash", isTrash);
  find("import").hidden = isTrash;
  if (!isTrash) find("empty").hidden = true;
}

function narrow(changes) {
  app.amend(changes);
  mirror();
  show();
}

// Chosen meetings, and what is done with all of them.
const boxes = () => [...element.querySelectorAll("[data-pick]")];
const chosen = () => boxes().filter((box) => box.checked).map((box) => box.closest("[data-meeting]").dataset.meeting);

function pick(ids) {
  for (const box of boxes()) box.checked = ids.includes(box.closest("[data-meeting]").dataset.meeting);
  const count = chosen().length;
  const isTrash = new URLSearchParams(location.search).has("trash");
  picked.hidden = !count;
  find("picked-count").textContent = count === 1 ? t("1 chosen") : t("{count} chosen", { count });
  for (const button of picked.querySelectorAll("[data-do]")) {
    button.hidden = button.dataset.do !== "none" && isTrash !== ["restore", "remove"].includes(button.dataset.do);
  }
}

async function change(promise, message) {
  if (!(await app.attempt(() => app.ask(promise)))) return;
  app.toast(message);
  showFilters();
  show();
}

const said = (dialog) =>
  new Promise((resolve) => {
    for (const input of dialog.querySelectorAll("input")) input.value = "";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

const ACTIONS = {
  none: () => pick([]),
  tag: async (ids) => {
    if (!(await said(tagging))) return;
    const [add, remove] = [find("add").value, find("remove").value];
    change(server.change_tags({ meeting_ids: ids, add, remove }), t("The tags were changed."));
  },
  move: async (ids) => {
    if (!(await said(moving))) return;
    change(server.move_meetings({ meeting_ids: ids, folder: find("path").value }), t("Moved."));
  },
  export: async (ids) => {
    if (!(await said(exporting))) return;
    const asked = new URLSearchParams(ids.split(" ").map((id) => ["id", id]));
    if (app.language !== "en") asked.set("language", app.language);
    const link = document.createElement("a");
    link.href = new URL(app.url(`api/export/${find("format").value}?${asked}`), document.baseURI);
    link.download = "";
    link.click();
  },
  delete: (ids) => change(server.delete_meetings({ meeting_ids: ids, for_good: "" }), t("Moved to the trash.")),
  restore: (ids) => change(server.restore_meetings({ meeting_ids: ids }), t("Back in the library.")),
  remove: async (ids) => {
    const text = t("Recordings, transcripts and minutes cannot be brought back.");
    if (!(await app.confirmed(t("Delete for good?"), text, t("Delete for good")))) return;
    change(server.delete_meetings({ meeting_ids: ids, for_good: "yes" }), t("Deleted for good."));
  },
};

async function emptyTrash() {
  const told = await app.attempt(() => app.ask(server.count_trash({})));
  if (!told) return;
  const count = Number(told.count);
  const text = [
    count === 1 ? t("1 meeting goes.") : t("{count} meetings go.", { count }),
    t("Recordings, transcripts and minutes cannot be brought back."),
  ].join(app.language === "zh" ? "" : " ");
  if (!(await app.confirmed(t("Empty the trash?"), text, t("Delete for good")))) return;
  change(server.empty_trash({}), t("The trash is empty."));
}

// Meetings come back from files that were exported, one after another; what fails says why.
async function takeIn(files) {
  find("import").disabled = true;
  let count = 0;
  for (const file of files) {
    const taken = await app.attempt(() => sendIn(file));
    if (taken) count += 1;
  }
  find("import").disabled = false;
  if (!count) return;
  app.toast(count === 1 ? t("1 meeting was imported.") : t("{count} meetings were imported.", { count }));
  app.publish("library-changed", {});
}

async function sendIn(file) {
  const address = new URL(app.url("api/meetings"), document.baseURI);
  address.searchParams.set("filename", file.name);
  const sent = fetch(address, { method: "POST", body: file }).then((answer) => answer.json());
  try {
    return await app.ask(sent);
  } catch (failure) {
    throw new Error(t("{name}: {problem}", { name: file.name, problem: failure.message }));
  }
}

find("import").addEventListener("click", () => find("import-files").click());
find("import-files").addEventListener("change", async ({ target }) => {
  const files = [...target.files];
  target.value = ""; // the same file can be chosen again
  await takeIn(files);
});
find("empty").addEventListener("click", emptyTrash);
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => narrow({ q: field.value.trim() }), PAUSE);
});
element.addEventListener("change", (event) => {
  const choice = event.target.closest("[data-filter]");
  if (choice) narrow({ [choice.dataset.filter]: choice.value });
  if (event.target.closest("[data-pick]")) pick(chosen());
});
element.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-clear]")) narrow(Object.fromEntries(FILTERS.map((name) => [name, ""])));
  if (target.closest("[data-more]")) showMore();
  if (target.closest("[data-close]")) target.closest("dialog").close("no");
  const action = target.closest("[data-do]");
  if (action) ACTIONS[action.dataset.do](chosen().join(" "));
  const button = target.closest("[data-delete]");
  if (button) ACTIONS.delete(button.closest("[data-meeting]").dataset.meeting);
});
new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && showMore(), {
  rootMargin: "600px",
}).observe(more);
app.on("route", ({ view, query }) => {
  if (view !== "library") return;
  field.value = query;
  mirror();
  showFilters();
  show();
});
app.on("connection", ({ isUp }) => {
  if (isUp && document.body.dataset.view === "library") show({ isSame: true });
});
app.on("library-changed", () => {
  if (document.body.dataset.view !== "library") return;
  showFilters();
  show({ isSame: true });
});
