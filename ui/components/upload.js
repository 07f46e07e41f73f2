const app = window.meetingApp;
const find = (name) => element.querySelector(`[data-${name}]`);
const [drop, picker, kind, count, list] = ["drop", "files", "count-kind", "count", "uploads"].map(find);
const waiting = [];
let current = null;
let isAway = false; // the server

kind.addEventListener("change", () => {
  find("count-box").hidden = kind.value === "auto";
});
picker.addEventListener("change", () => {
  add([...picker.files]);
  picker.value = "";
});
for (const type of ["dragenter", "dragover"]) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const type of ["dragleave", "drop"]) {
  drop.addEventListener(type, () => drop.classList.remove("over"));
}
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  // The list is empty as soon as this function waits, so it is read at once.
  const dropped = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
  const files = [...event.dataTransfer.files];
  add(dropped.some((entry) => entry?.isDirectory) ? await filesIn(dropped) : files);
});
find("folder").addEventListener("change", () => {
  add([...find("folder").files]);
  find("folder").value = "";
});

// All files of dropped folders, and of the folders in them.
async function filesIn(entries) {
  const found = [];
  for (const entry of entries) {
    if (entry?.isFile) found.push(await new Promise((resolve, fail) => entry.file(resolve, fail)));
    if (!entry?.isDirectory) continue;
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, fail) => reader.readEntries(resolve, fail));
      if (!some.length) break; // a reader gives a hundred at a time
      found.push(...(await filesIn(some)));
    }
  }
  return found;
}
// A file dropped beside the zone would otherwise replace the page.
for (const type of ["dragover", "drop"]) {
  window.addEventListener(type, (event) => event.preventDefault());
}
window.addEventListener("beforeunload", (event) => {
  if (current || waiting.length) event.preventDefault();
});

function options() {
  const query = new URLSearchParams();
  const language = find("language").value;
  const number = Number.parseInt(count.value, 10);
  if (language) query.set("language", language);
  if (kind.value === "exact" || kind.value === "least") query.set("min_speakers", number);
  if (kind.value === "exact" || kind.value === "most") query.set("max_speakers", number);
  if (kind.value === "about") query.set("about_speakers", number);
  for (const word of find("hotwords").value.split(/[,，、;]/)) {
    if (word.trim()) query.append("hotwords", word.trim());
  }
  return query;
}

function add(files) {
  if (kind.value !== "auto" && !count.reportValidity()) return;
  for (const file of files) {
    // What the system keeps in every folder is nobody's recording.
    if (file.name.startsWith(".") || file.name === "Thumbs.db") continue;
    const transfer = line(file, options());
    if (isOther(file)) fail(transfer, app.t("Left out: not a recording."));
    else waiting.push(transfer);
  }
  next();
}

// Only what surely is something else; the server looks into all others.
function isOther(file) {
  return /^(image|text)\/|\/(pdf|zip|json|msword)$|officedocument/.test(file.type);
}

function line(file, query) {
  const item = document.createElement("li");
  item.className = "card upload";
  item.innerHTML = `<div class="row"><strong></strong><button type="button" class="button quiet"></button></div>
    <div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></div><p></p>`;
  item.querySelector("strong").textContent = file.name;
  item.querySelector("button").textContent = app.t("Cancel");
  item.querySelector("p").textContent = app.t("Waiting");
  item.querySelector(".progress").setAttribute("aria-label", file.name);
  const transfer = { file, query, item, request: null, started: 0 };
  item.querySelector("button").addEventListener("click", () => stop(transfer));
  list.append(item);
  return transfer;
}

function stop(transfer) {
  const place = waiting.indexOf(transfer);
  if (place >= 0) waiting.splice(place, 1);
  transfer.item.remove();
  if (transfer === current) transfer.request.abort();
}

// A server that went away is waited for; the file is still here.
async function broken(transfer) {
  if (await app.check()) {
    fail(transfer, app.t("The connection broke. Check that the server is still running, then add the file again."));
    return;
  }
  if (!transfer.item.isConnected) return; // stopped meanwhile
  transfer.item.querySelector("p").textContent = app.t("Starts again when the server is back");
  waiting.unshift(transfer);
}

function next() {
  if (current || isAway || !waiting.length) return;
  current = waiting.shift();
  const transfer = current;
  const { file, query } = transfer;
  const request = (transfer.request = new XMLHttpRequest());
  const finish = () => {
    current = null;
    next();
  };
  query.set("filename", file.name);
  request.upload.addEventListener("progress", (event) => show(transfer, event.loaded));
  request.addEventListener("load", () => (settle(transfer), finish()));
  request.addEventListener("error", () => broken(transfer).then(finish));
  request.addEventListener("abort", finish);
  transfer.started = performance.now();
  request.open("POST", app.url(`api/recordings?${query}`));
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
}

function show({ file, item, started }, loaded) {
  const percent = file.size ? Math.min(100, Math.round((100 * loaded) / file.size)) : 100;
  const rate = loaded / Math.max(0.2, (performance.now() - started) / 1000);
  const bar = item.querySelector(".progress");
  bar.setAttribute("aria-valuenow", percent);
  bar.firstElementChild.style.width = `${percent}%`;
  item.querySelector("p").textContent =
    loaded >= file.size
      ? app.t("Received; looking at it")
      : app.t("{received} of {size} · {rate}/s", {
          received: app.bytes(loaded), size: app.bytes(file.size), rate: app.bytes(rate),
        });
}

function settle(transfer) {
  let answer = null;
  try {
    answer = JSON.parse(transfer.request.responseText);
  } catch {
    answer = { error: app.t("The server answered with status {status}.", { status: transfer.request.status }) };
  }
  if (transfer.request.status === 409 && answer.meeting_id) {
    offer(transfer, answer.meeting_id);
    return;
  }
  if (transfer.request.status !== 201) {
    fail(transfer, answer.error);
    return;
  }
  transfer.item.remove();
  app.send("submitted", { job: answer.id });
}

// The library has a meeting of these bytes: it can be opened, or made a second time.
function offer(transfer, meeting) {
  const { file, query, item } = transfer;
  const text = item.querySelector("p");
  item.querySelector(".progress").hidden = true;
  item.querySelector("button").textContent = app.t("Dismiss");
  text.setAttribute("role", "status");
  text.textContent = `${app.t("You already have this recording.")} `;
  const open = document.createElement("a");
  open.href = `?meeting=${encodeURIComponent(meeting)}`;
  open.dataset.nav = "";
  open.textContent = app.t("Open the meeting");
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button quiet";
  again.textContent = app.t("Add anyway");
  again.addEventListener("click", () => {
    item.remove();
    query.set("allow_duplicate", "true");
    waiting.push(line(file, query));
    next();
  });
  text.append(open, " ", again);
}

function fail({ item }, message) {
  item.classList.add("failed");
  item.querySelector("p").textContent = message;
  item.querySelector("p").setAttribute("role", "alert");
  item.querySelector("button").textContent = app.t("Dismiss");
}

app.on("connection", ({ isUp }) => {
  isAway = !isUp;
  next();
});
