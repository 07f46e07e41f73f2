// Corrections over REST, each for the revision of the meeting that is shown.
const app = window.meetingApp;
let shown = null; // the meeting, as "meeting" tells it

export const meeting = () => shown;
let revision = 0; // may be ahead of what is shown, until that is fetched and nobody types
app.on("meeting", (told) => {
  revision = told && told.id === shown?.id ? Math.max(revision, told.revision) : (told?.revision ?? 0);
  shown = told;
});
app.on("revision", (fetched) => {
  if (fetched.id === shown?.id) revision = Math.max(revision, fetched.revision);
});

// Fails with an Error; `isStale` says that somebody else changed the meeting meanwhile.
async function ask(method, path, body) {
  const address = app.url(`api/meetings/${shown.id}/${path}`);
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (body !== undefined) options.body = JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    app.check();
    throw new Error(app.t("The server does not answer. Check that it is still running."));
  }
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const failure = new Error(content.error ?? answer.statusText);
  failure.status = answer.status;
  failure.isStale = answer.status === 409 && /revision \d+/.test(failure.message);
  throw failure;
}

export const get = (path) => ask("GET", path);

// Changes the meeting and shows it as it is then. A refusal because of others' changes shows the
// new state too; what the user typed stays where it is.
export async function change(path, body) {
  try {
    const state = await ask("POST", path, { revision, ...body });
    revision = state.revision;
    app.send("refresh-meeting");
    return state;
  } catch (failure) {
    if (!failure.isStale) throw failure;
    app.send("refresh-meeting");
    throw new Error(app.t("Somebody else has changed this meeting. You see it as it is now; try again."));
  }
}

export async function correct(correction, text) {
  const state = await change("corrections", { correction });
  app.toast(text ?? app.t("Changed."), { action: { text: app.t("Undo"), run: undo } });
  app.send("corrected", correction);
  return state;
}

export async function undo() {
  if (await app.attempt(() => change("undo", {}))) app.toast(app.t("Undone."));
}

export async function redo() {
  if (await app.attempt(() => change("redo", {}))) app.toast(app.t("Done again."));
}

const EDGE = 0.005; // s; times of the page are rounded to hundredths

export const span = (start, end) => ({
  start: Math.max(0, start - EDGE),
  end: Math.max(end, start + 0.01) + EDGE,
});

// The words from `first` to before `last`, as passages of their speakers.
export function passages(first, last) {
  const { transcript } = shown;
  const found = [];
  for (let turn = transcript.turnOf(first); turn <= transcript.turnOf(last - 1); turn += 1) {
    const [from, to] = [Math.max(first, transcript.firsts[turn]), Math.min(last, transcript.endOf(turn))];
    const end = transcript.ends.subarray(from, to).reduce((a, b) => Math.max(a, b));
    const speaker = transcript.speakers[transcript.turnSpeakers[turn]]?.label ?? null;
    found.push({ ...span(transcript.starts[from], end), speaker });
  }
  return found;
}
