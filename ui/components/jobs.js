const app = window.meetingApp;
const BUSY = 1000; // ms between looks while something is under way
const IDLE = 5000;
const MINE = "meeting-app.submitted"; // jobs handed in from this tab; they survive a refresh
let shown = null;
let active = null; // ids under way at the last look
let timer = 0;
let problem = null; // what went wrong at the last look

const mine = () => JSON.parse(sessionStorage.getItem(MINE) ?? "[]");
const keep = (ids) => sessionStorage.setItem(MINE, JSON.stringify(ids));

async function look() {
  clearTimeout(timer);
  let delay = IDLE;
  try {
    update(await app.ask(server.list_jobs({})));
    problem = null;
    if (active.length) delay = BUSY;
  } catch (failure) {
    // Said once; that the server is away is said by the page.
    if (failure.message !== problem && (await app.check())) app.toast(failure.message, { failed: true });
    problem = failure.message;
  }
  clearTimeout(timer);
  timer = setTimeout(look, delay);
}

function update({ jobs, active: ids, done }) {
  if (jobs !== shown) {
    shown = jobs;
    app.whenFree(element, () => app.fill(element, "jobs", jobs));
  }
  const before = active;
  active = ids ? ids.split(" ") : [];
  app.publish("jobs", { numActive: active.length });
  const finished = new Map((done ? done.split(" ") : []).map((pair) => pair.split(":")));
  if (before && before.some((id) => finished.has(id))) app.send("library-changed", null);
  open(finished);
}

// Who waited on this page for a recording wants to see it.
function open(finished) {
  const ready = mine().find((id) => finished.has(id));
  if (!ready) return;
  keep(mine().filter((id) => id !== ready));
  const url = `?meeting=${encodeURIComponent(finished.get(ready))}`;
  if (document.body.dataset.view === "new" && !active.length) app.go(url);
  else app.toast(app.t("A meeting is ready."), { link: { url, text: app.t("Open it") } });
}

element.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-cancel], [data-retry]");
  if (!button) return;
  const id = button.closest("[data-job]").dataset.job;
  button.disabled = true;
  const isRetry = "retry" in button.dataset;
  const done = await app.attempt(() =>
    app.ask(isRetry ? server.retry_job({ job_id: id }) : server.cancel_job({ job_id: id })),
  );
  button.disabled = false;
  if (isRetry && done) keep([...mine(), id]);
  look();
});
app.on("submitted", ({ job }) => {
  keep([...mine(), job]);
  look();
});
app.on("connection", ({ isUp }) => isUp && look());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});
look();
