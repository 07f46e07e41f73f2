// Before a meeting: what to record it with, and which meetings wait to be gone on with.
import { isPossible, microphones } from "./microphone.js";
import { session } from "./session.js";

const app = window.meetingApp;
const { t } = app;
const TEXT = {
  problems: {
    insecure: t("The browser gives the microphone only to pages on this computer (127.0.0.1) or over https. Open this page there."),
    denied: t("The browser does not let this page use the microphone. Allow it in the address bar or in the browser's settings, then start again."),
    none: t("No microphone was found. Plug one in, then start again."),
    busy: t("The microphone could not be opened; another program may use it. Close that program or choose another microphone."),
  },
  systemChoice: t("The system's choice"),
  microphone: (number) => t("Microphone {number}", { number }),
  untitled: t("Untitled meeting"),
  unfinished: t("Not finished"),
  elsewhere: t("Being recorded in another tab"),
  phases: {
    recording: t("Running now"), interrupted: t("Interrupted"), sealing: t("Being read again"), failed: t("Failed"),
  },
  goOn: t("Go on recording"),
  finish: t("Finish"),
  watch: t("Watch"),
  again: t("Try again"),
  discard: t("Discard"),
  discardTitle: t("Discard this meeting?"),
  discardText: t("What was recorded of it goes for good."),
};
const POLL = 5_000; // ms

export function mount(element) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [form, device, offers] = ["form", "device", "offers"].map(find);

  async function listMicrophones() {
    const found = (await microphones()).filter(({ id }) => id !== "default" && id !== "communications");
    const chosen = device.value;
    device.replaceChildren(
      new Option(TEXT.systemChoice, ""),
      ...found.map(({ id, name }, index) => new Option(name || TEXT.microphone(index + 1), id)),
    );
    device.value = found.some(({ id }) => id === chosen) ? chosen : "";
  }

  function offer(title, facts, actions) {
    const item = document.createElement("li");
    item.className = "card offer";
    const heading = document.createElement("strong");
    heading.textContent = title || TEXT.untitled;
    const line = document.createElement("p");
    line.className = "facts";
    line.append(...facts.map((fact) => Object.assign(document.createElement("span"), { textContent: fact })));
    const buttons = document.createElement("div");
    buttons.className = "actions";
    for (const [text, kind, act] of actions) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      button.className = `button ${kind}`;
      button.addEventListener("click", act);
      buttons.append(button);
    }
    item.append(heading, line, buttons);
    return item;
  }

  const textOf = (elements) => [...elements].map(({ textContent }) => textContent).join("\n");
  const date = (time) => new Date(time).toLocaleString(app.locale, { dateStyle: "medium", timeStyle: "short" });

  async function own(record, known) {
    const isElsewhere = await session.isHeldElsewhere(record);
    const drop = async () => {
      await session.forget(record);
      if (known) await change(record.id, "DELETE", "");
    };
    const facts = [isElsewhere ? TEXT.elsewhere : TEXT.unfinished, date(record.begun)];
    if (known?.position) facts.push(app.clock(known.position));
    const watch = [TEXT.watch, "primary", () => app.go(`?live=${encodeURIComponent(record.id)}`)];
    if (isElsewhere) return offer(record.title, facts, record.id ? [watch] : []);
    return offer(record.title, facts, [
      [TEXT.discard, "quiet", () => discard(drop)],
      [TEXT.finish, "", () => session.finish(record)],
      [TEXT.goOn, "primary", () => session.goOn(record, device.value)],
    ]);
  }

  // A server that cannot be asked has nothing to offer; its own message comes with the start.
  async function running() {
    try {
      const answer = await fetch(app.url("api/live"));
      return answer.ok ? await answer.json() : [];
    } catch {
      return [];
    }
  }

  // Recorded by another browser or program.
  function foreign({ id, title, phase, position, is_recorder_connected: isConnected }) {
    const facts = [TEXT.phases[phase] ?? phase, app.clock(position)];
    const actions = [[TEXT.watch, "", () => app.go(`?live=${encodeURIComponent(id)}`)]];
    const isLeft = !isConnected && (phase === "recording" || phase === "interrupted");
    if (isLeft || phase === "failed") {
      actions.unshift([phase === "failed" ? TEXT.again : TEXT.finish, "", () => change(id, "POST", "/end")]);
      actions.unshift([TEXT.discard, "quiet", () => discard(() => change(id, "DELETE", ""))]);
    }
    return offer(title, facts, actions);
  }

  async function change(id, method, rest) {
    await app.attempt(async () => {
      const answer = await fetch(app.url(`api/live/${encodeURIComponent(id)}${rest}`), { method });
      if (!answer.ok) throw new Error((await answer.json()).error);
    });
    listOffers();
  }

  async function discard(action) {
    if (await app.confirmed(TEXT.discardTitle, TEXT.discardText, TEXT.discard)) await action();
    listOffers();
  }

  async function listOffers() {
    const [records, live] = await Promise.all([session.unfinished(), running()]);
    const known = new Map(live.map((meeting) => [meeting.id, meeting]));
    const items = await Promise.all(records.map((record) => own(record, known.get(record.id))));
    for (const record of records) known.delete(record.id);
    if (!isShown()) return; // meanwhile something else has begun
    for (const meeting of known.values()) {
      items.push(foreign(meeting));
    }
    app.whenFree(offers, () => {
      offers.hidden = !items.length;
      // Looked at again and again; what is the same stays, and with it the place of the keyboard.
      if (textOf(items) !== textOf(offers.children)) offers.replaceChildren(...items);
    });
  }

  function show() {
    const code = session.status === "idle" ? session.problem : null;
    find("problem").hidden = !code;
    find("problem").textContent = code ? (TEXT.problems[code] ?? code) : "";
    find("start").disabled = session.status === "starting";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    session.start({
      title: find("title").value.trim(),
      language: find("language").value,
      device: device.value,
    });
  });
  navigator.mediaDevices?.addEventListener("devicechange", listMicrophones);
  session.on("status", show);
  let wasIdle = false;
  session.on("status", () => {
    const isIdle = session.status === "idle";
    if (isIdle && !wasIdle) refresh();
    wasIdle = isIdle;
  });
  const isShown = () => document.body.dataset.view === "live" && session.status === "idle";
  function refresh() {
    if (!isShown()) return;
    listMicrophones();
    listOffers();
  }
  app.on("route", refresh);
  setInterval(() => !document.hidden && isShown() && listOffers(), POLL);
  if (!isPossible()) {
    find("problem").hidden = false;
    find("problem").textContent = TEXT.problems.insecure;
    find("start").disabled = true;
  }
}
