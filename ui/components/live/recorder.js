// The bar at the bottom of a running meeting: what is recorded, how well, and the buttons.
import { microphones } from "./microphone.js";
import { session } from "./session.js";

const app = window.meetingApp;
const { t } = app;
const TEXT = {
  states: {
    starting: t("Starting"), recording: t("Recording"), paused: t("Paused"), ending: t("Sending the rest"),
    sealing: t("Recording ended"), sealed: t("Saved in the library"), viewing: t("Watching"),
    taken: t("Recorded in another tab"), stopped: t("Stopped"),
  },
  end: t("End meeting"),
  endTitle: t("End the meeting?"),
  endText: t("The whole recording is then read again, and the meeting comes into the library."),
  goOn: t("Go on recording"),
  finish: t("Finish"),
  here: t("Record here instead"),
  hereTitle: t("Record in this tab?"),
  hereText: t("The other tab stops recording. Nothing is lost."),
  takeBack: t("Take it back"),
  newMeeting: t("New meeting"),
  pause: t("Pause"),
  resume: t("Go on"),
  marked: t("Marked."),
  silent: t("No sound for 20 seconds: is the microphone muted?"),
  clipping: t("Too loud: move the microphone away or turn it down."),
  gone: t("No microphone is left. Plug one in and the recording goes on by itself."),
  lost: t("The microphone was unplugged."),
  back: (name) => t("Recording with {name}.", { name }),
  offline: (seconds) =>
    t("No connection to the server. The recording goes on here; {seconds} s wait to be sent.", { seconds }),
  viewOffline: t("No connection to the server. Trying again."),
  notKept: t("This browser keeps nothing on the disk: do not close this page while the connection is gone."),
  interrupted: t("The recorder is gone; it may come back."),
  wait: (seconds) => t("{seconds} s left to send. Leave this page open.", { seconds }),
  problems: {
    full: t("As many meetings are running as this computer can follow. End one of them, then start again."),
    disk: t("The server's disk is full. What it has is safe; free some space, then go on."),
    version: t("The server has been updated. Reload this page."),
    taken: t("The meeting is now recorded from another tab or program."),
    token: t("The meeting belongs to another recorder."),
    unknown: t("The server does not know this meeting."),
    ended: t("The meeting has ended."),
    failed: t("The recording is safe, but reading it again failed. See “Add recording” for the reason."),
    backlog: t("The connection has been gone for two hours. The recording is paused; what was captured is kept."),
    recognition: t("The text stands still while the recognition starts again. The recording goes on."),
    denied: t("The browser does not let this page use that microphone."),
    none: t("That microphone is not there any more."),
    busy: t("That microphone could not be opened; another program may use it."),
  },
};
const FLOOR = -60; // dB, the left end of the meter
const SLOW = 2; // seconds of sound not acknowledged before we say so

export function mount(element) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [pause, elapsed, meter, device, mark, actions] = ["pause", "elapsed", "meter", "device", "mark", "actions"].map(find);
  let wakeLock = null;
  let own = null; // this browser's record of the meeting that is watched

  async function keepAwake() {
    if (!session.isRecording || document.hidden || (wakeLock && !wakeLock.released)) return;
    try {
      wakeLock = await navigator.wakeLock?.request("screen");
    } catch {
      wakeLock = null; // a browser that saves power refuses; the recording does not need it
    }
  }

  function notices() {
    const { meeting } = session;
    const isRecorder = session.isRecording || session.status === "ending";
    const waiting = Math.round(session.backlog);
    const list = [];
    if (session.problem) list.push(["failed", (session.problem === "failed" && meeting.failure) || TEXT.problems[session.problem] || session.message]);
    if (session.isMicrophoneGone && session.isRecording) list.push(["failed", TEXT.gone]);
    if (session.isUp === false && isRecorder) list.push(["failed", TEXT.offline(waiting)]);
    else if (session.isUp === false && !["sealed", "taken", "stopped"].includes(session.status)) list.push(["", TEXT.viewOffline]);
    if (session.isUp === false && !session.isKept) list.push(["failed", TEXT.notKept]);
    if (session.status === "ending" && session.isUp && waiting > SLOW) list.push(["", TEXT.wait(waiting)]);
    if (session.status === "recording" && session.isSilent) list.push(["", TEXT.silent]);
    if (session.status === "recording" && session.isClipping) list.push(["", TEXT.clipping]);
    if (session.status === "viewing" && meeting.phase && !meeting.isRecorderConnected) list.push(["", TEXT.interrupted]);
    return list;
  }

  // Unchanged ones stay in place, so that screen readers do not read them again.
  function showNotices() {
    const place = find("notices");
    const wanted = notices();
    const texts = wanted.map(([, text]) => text);
    for (const box of [...place.children]) if (!texts.includes(box.textContent)) box.remove();
    const there = [...place.children].map((box) => box.textContent);
    for (const [kind, text] of wanted) {
      if (there.includes(text)) continue;
      const box = document.createElement("p");
      box.className = `notice ${kind}`;
      box.setAttribute("role", kind ? "alert" : "status");
      box.textContent = text;
      place.append(box);
    }
  }

  function buttons() {
    const goOn = [TEXT.goOn, "primary", () => session.goOn(own)];
    const finish = [TEXT.finish, "", () => session.finish(own)];
    const fresh = [TEXT.newMeeting, "", () => (session.leave(), app.go("?show=live"))];
    switch (session.status) {
      case "recording":
      case "paused":
        return [[TEXT.end, "end", end]];
      case "viewing":
        if (!own) return [fresh];
        return own.isElsewhere ? [[TEXT.here, "primary", takeOver]] : [finish, goOn];
      case "taken":
        return [[TEXT.takeBack, "primary", takeOver]];
      case "stopped":
        return own && session.problem !== "unknown" ? [finish, goOn] : [fresh];
      case "sealing":
      case "sealed":
        return [fresh];
      default:
        return [];
    }
  }

  function showButtons() {
    const wanted = buttons();
    const key = wanted.map(([text]) => text).join("|");
    if (actions.dataset.key === key) return;
    actions.dataset.key = key;
    actions.replaceChildren(
      ...wanted.map(([text, kind, act]) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
        button.className = `button ${kind}`;
        button.addEventListener("click", act);
        return button;
      }),
    );
  }

  function show() {
    const { status } = session;
    const isRunning = status !== "idle" && status !== "starting";
    document.getElementById("live-page").dataset.live = isRunning ? status : "setup";
    find("bar").dataset.status = status;
    find("state-text").textContent = TEXT.states[status] ?? "";
    pause.hidden = meter.hidden = !session.isRecording;
    mark.hidden = find("device").parentElement.hidden = !session.isRecording;
    pause.classList.toggle("is-paused", status === "paused");
    pause.setAttribute("aria-label", status === "paused" ? TEXT.resume : TEXT.pause);
    elapsed.hidden = ["taken", "stopped", "sealed"].includes(status);
    showTime();
    showButtons();
    showNotices();
    app.publish("live", { isRecording: session.isRecording, isBusy: session.isBusy, id: session.id });
    if (session.isRecording) {
      keepAwake();
      if (session.id && document.body.dataset.view === "live") app.amend({ show: null, live: session.id });
    } else {
      wakeLock?.release().catch(() => undefined);
      wakeLock = null;
    }
  }

  function showTime() {
    elapsed.textContent = app.clock(session.seconds);
  }

  let shownAt = 0;
  function showLevel() {
    const now = performance.now();
    if (now - shownAt < 60 || document.hidden) return;
    shownAt = now;
    const level = session.status === "recording" ? Math.max(FLOOR, 20 * Math.log10(session.level || 1e-6)) : FLOOR;
    meter.firstElementChild.style.transform = `scaleX(${1 - level / FLOOR})`;
    meter.setAttribute("aria-valuenow", Math.round(level));
    meter.classList.toggle("hot", session.isClipping);
    showTime();
  }

  async function listMicrophones() {
    const found = (await microphones()).filter(({ id }) => id !== "communications");
    device.replaceChildren(...found.map(({ id, name }) => new Option(name, id)));
    device.value = session.microphoneId;
  }

  async function end() {
    if (await app.confirmed(TEXT.endTitle, TEXT.endText, TEXT.end)) session.end();
  }

  async function takeOver() {
    const record = own ?? session.record;
    if (await app.confirmed(TEXT.hereTitle, TEXT.hereText, TEXT.here)) session.goOn(record);
  }

  function markNow() {
    const field = document.querySelector("#outline [data-note]");
    session.mark(field?.value.trim() ?? "");
    if (field) field.value = "";
    app.toast(TEXT.marked);
  }

  // The address names a meeting: watch it, and offer what this browser may do with it.
  async function open(id) {
    if (session.id === id && session.status !== "idle") return;
    if (session.isBusy) return;
    own = null;
    await session.view(id);
    await findOwn(id);
    show();
  }
  async function findOwn(id) {
    const record = (await session.unfinished()).find((meeting) => meeting.id === id);
    own = record ? { ...record, isElsewhere: await session.isHeldElsewhere(record) } : null;
  }

  session.on("status", show);
  session.on("level", showLevel);
  session.on("notice", ({ code, message }) => {
    app.toast(TEXT.problems[code] ?? message, { failed: true });
  });
  session.on("microphone", (event) => {
    if (event === "lost") app.toast(TEXT.lost, { failed: true });
    if (event === "back") app.toast(TEXT.back(session.microphoneName));
    if (session.isRecording) listMicrophones();
  });
  session.on("event", ({ change }) => change.parts.has("status") && show());
  let hadMicrophone = false;
  session.on("status", async () => {
    if (session.isRecording && !hadMicrophone) listMicrophones();
    hadMicrophone = session.isRecording;
    if (["stopped", "taken"].includes(session.status) && session.id && !own) {
      await findOwn(session.id);
      showButtons();
    }
    if (session.isRecording) own = null;
  });
  setInterval(() => session.status !== "idle" && showNotices(), 1_000);

  pause.addEventListener("click", () => (session.status === "paused" ? session.resume() : session.pause()));
  mark.addEventListener("click", markNow);
  device.addEventListener("change", () => session.chooseMicrophone(device.value));
  document.addEventListener("visibilitychange", keepAwake);
  document.addEventListener("keydown", (event) => {
    const isBusy = event.target.closest?.("input, select, textarea, dialog, [contenteditable]");
    if (event.key.toLowerCase() !== "m" || isBusy || !app.usesKeys() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.body.dataset.view === "live" && session.isRecording && !event.repeat) markNow();
  });
  window.addEventListener("beforeunload", (event) => {
    if (session.isBusy) event.preventDefault();
  });
  window.addEventListener("pagehide", () => session.save());
  app.on("route", ({ view, live }) => {
    if (view !== "live") return;
    if (live) open(live);
    else if (session.isRecording) app.amend({ show: null, live: session.id });
    else if (!session.isBusy && session.status !== "idle") session.leave();
    else show();
  });
}
