// What all scripts of the page share; loaded once, before any of them.
window.meetingApp = (() => {
  const wording = window.meetingAppWording;
  const { t, url } = wording;
  const topics = new Map();
  const topic = (name) => {
    if (!topics.has(name)) topics.set(name, { listeners: [], last: undefined, sent: undefined });
    return topics.get(name);
  };

  // Parts of the page mount in any order, so a late listener gets what was said last; a command
  // that came before it only if it wants to be `late` rather than miss it.
  const on = (name, listener, { late = false } = {}) => {
    const { listeners, last, sent } = topic(name);
    const missed = late ? sent : last;
    listeners.push(listener);
    if (missed !== undefined) listener(missed);
  };
  const publish = (name, detail) => {
    topic(name).last = detail;
    topic(name).listeners.forEach((listener) => listener(detail));
  };
  // For commands.
  const send = (name, detail = null) => {
    topic(name).sent = detail;
    topic(name).listeners.forEach((listener) => listener(detail));
  };
  // What was wanted of one meeting is not wanted of the next.
  const forgetCommands = () => topics.forEach((each) => (each.sent = undefined));

  // Light or dark, as the reader chose or else as the system has it. Gradio knows only the latter,
  // so what it sets while it starts is set back.
  const MODE = "meeting-app.mode";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const applyMode = () => {
    const chosen = localStorage.getItem(MODE);
    document.body.classList.toggle("dark", chosen ? chosen === "dark" : system.matches);
  };
  applyMode();
  const starting = new MutationObserver(applyMode);
  starting.observe(document.body, { attributeFilter: ["class"] });
  const settleMode = () => {
    starting.disconnect();
    applyMode();
  };

  const readRoute = () => {
    const query = new URLSearchParams(location.search);
    const meeting = query.get("meeting");
    const live = query.get("live");
    const shown = live ? "live" : query.get("show");
    const time = Number.parseFloat(query.get("t"));
    return {
      view: meeting ? "meeting" : ["new", "live", "people"].includes(shown) ? shown : "library",
      meeting,
      live,
      time: Number.isFinite(time) && time >= 0 ? time : null,
      query: query.get("q") ?? "",
    };
  };
  const announce = () => {
    const route = readRoute();
    document.body.dataset.view = route.view;
    publish("route", route);
  };
  const go = (address) => {
    history.pushState(null, "", address);
    window.scrollTo(0, 0);
    announce();
  };
  // For state that is no step to go back to, such as the place in the recording.
  const amend = (changes) => {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    if (address.href !== location.href) history.replaceState(null, "", address);
  };

  const toast = (text, { failed = false, link = null, action = null } = {}) => {
    const place = document.querySelector("[data-toasts]");
    if (!place) return;
    const box = document.createElement("div");
    box.className = failed ? "toast failed" : "toast";
    box.append(text);
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.url;
      anchor.dataset.nav = "";
      anchor.textContent = link.text;
      box.append(" ", anchor);
    }
    if (action) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "button", textContent: action.text });
      button.addEventListener("click", () => {
        box.remove();
        action.run();
      });
      box.append(" ", button);
    }
    place.append(box);
    // Whoever points at it, or has come to its link, still reads.
    const remove = () => (box.matches(":hover, :focus-within") ? setTimeout(remove, 1000) : box.remove());
    setTimeout(remove, failed ? 9000 : 5000);
  };

  // Whether the server answers. While it does not, it is asked again and again; whoever could not
  // do what was wanted listens to "connection" and tries anew.
  const PAUSE = 2000; // ms
  let isUp = true;
  let timer = 0;
  const check = async () => {
    clearTimeout(timer);
    const { status } = await fetch(url("api/health"), { cache: "no-store" }).catch(() => ({ status: 503 }));
    const isNow = status < 500;
    if (!isNow) {
      clearTimeout(timer);
      timer = setTimeout(check, PAUSE);
    }
    if (isNow !== isUp) publish("connection", { isUp: (isUp = isNow) });
    return isUp;
  };
  for (const type of ["online", "offline"]) window.addEventListener(type, check);

  const UNREACHABLE = t("The server does not answer. Check that it is still running.");
  // Fails with an Error that carries the server's message; `missing` says it is not there.
  const ask = async (promise) => {
    let answer;
    try {
      answer = await promise;
    } catch {
      check();
      throw new Error(UNREACHABLE);
    }
    if (answer && answer.error === undefined) return answer;
    const failure = new Error(answer?.error ?? UNREACHABLE);
    failure.missing = Boolean(answer?.missing);
    throw failure;
  };
  const attempt = async (action) => {
    try {
      return await action();
    } catch (failure) {
      toast(failure.message, { failed: true });
      return null;
    }
  };

  const confirmed = (title, text, action) =>
    new Promise((resolve) => {
      const dialog = document.querySelector("[data-confirm]");
      dialog.querySelector("[data-confirm-title]").textContent = title;
      dialog.querySelector("[data-confirm-text]").textContent = text;
      dialog.querySelector("[data-confirm-action]").textContent = action;
      dialog.returnValue = "no";
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      dialog.showModal();
    });

  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (n) => String(n).padStart(2, "0");
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  };
  const bytes = (count) => {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let [value, unit] = [count, 0];
    while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
    return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
  };
  // Dates arrive in UTC and are shown as the reader's own calendar has them.
  const localDates = (root) => {
    for (const element of root.querySelectorAll("time[datetime]")) {
      const date = new Date(element.dateTime);
      element.textContent = date.toLocaleString(wording.locale, { dateStyle: "medium", timeStyle: "short" });
    }
  };
  const fill = (root, name, html) => {
    const place = root.querySelector(`[data-slot="${name}"]`);
    const focused = document.activeElement?.dataset?.focusKey;
    place.innerHTML = html;
    localDates(place);
    if (focused) place.querySelector(`[data-focus-key="${CSS.escape(focused)}"]`)?.focus();
  };

  // What somebody is about to use would be lost if it were drawn anew: a button that is held down,
  // a menu that is open, a name that is being typed. Who draws waits for that with `whenFree`; of
  // several that wait for a place the last one draws.
  const IN_USE = ".in-place, .menu[open], [popover]:popover-open";
  const TAP = 100; // ms after which a touch has become a click
  let held = null;
  const waiting = new Map(); // place → what draws it
  const drawFree = () => {
    for (const [place, draw] of [...waiting]) {
      if (place.contains(held) || place.querySelector(IN_USE)) continue;
      waiting.delete(place);
      draw();
    }
  };
  const whenFree = (place, draw) => {
    waiting.set(place, draw);
    drawFree();
  };
  const letGo = () => {
    held = null;
    drawFree();
  };
  window.addEventListener("pointerdown", ({ button, target }) => (held = button ? null : target), true);
  for (const type of ["pointerup", "pointercancel", "contextmenu"]) {
    window.addEventListener(type, ({ pointerType }) => setTimeout(letGo, pointerType === "touch" ? TAP : 0), true);
  }
  window.addEventListener("toggle", drawFree, true);

  // Turns a name into a field; Enter or leaving it keeps the text, Escape does not. `save(text)`
  // may answer, or promise, false: then the field stays with what was typed. The name that is back in
  // its place says so with the event "put-back".
  const editInPlace = (button, { label, value, save }) => {
    const field = document.createElement("input");
    Object.assign(field, { value, className: "in-place", maxLength: 200 });
    field.setAttribute("aria-label", label);
    button.replaceWith(field);
    field.focus();
    field.select();
    let isOpen = true;
    const close = async (keep) => {
      if (!isOpen) return;
      isOpen = false;
      const text = field.value.trim();
      if (keep && text !== value) {
        field.readOnly = true;
        isOpen = (await save(text)) === false;
        field.readOnly = false;
      }
      if (isOpen) return;
      field.replaceWith(button);
      button.dispatchEvent(new Event("put-back", { bubbles: true }));
      drawFree();
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") close(true);
      if (event.key === "Escape") close(false);
    });
    field.addEventListener("blur", () => close(true));
  };

  // Whether letters without Ctrl or Alt are commands (WCAG 2.1.4).
  const KEYS = "meeting-app.keys";
  const usesKeys = () => localStorage.getItem(KEYS) !== "off";

  // Scripts that are modules; each is fetched once, as soon as the server answers.
  const module = async (name) => {
    const address = new URL(url(`scripts/${name}.js`), document.baseURI);
    try {
      return await import(address);
    } catch (failure) {
      if (await check()) throw failure;
      await new Promise((resolve) => on("connection", ({ isUp: isThere }) => isThere && resolve()));
      return import(address);
    }
  };

  document.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a[data-nav]");
    if (!anchor || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(anchor.getAttribute("href"));
  });
  window.addEventListener("popstate", announce);
  announce();

  return {
    ...wording,
    on, publish, send, forgetCommands, whenFree, check, go, amend, announce, toast, ask, attempt, confirmed,
    KEYS, MODE, settleMode, usesKeys, clock, bytes, fill, editInPlace, module,
  };
})();
