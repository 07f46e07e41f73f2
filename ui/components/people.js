const app = window.meetingApp;
const dialog = element.querySelector("[data-merge]");

function show({ list }) {
  app.whenFree(element, () => app.fill(element, "list", list));
}

async function load() {
  try {
    show(await app.ask(server.list_people({})));
  } catch (failure) {
    const box = `<div class="empty failed" role="alert"><h2></h2><p></p></div>`;
    app.whenFree(element, () => {
      app.fill(element, "list", box);
      element.querySelector(".empty h2").textContent = app.t("This did not work");
      element.querySelector(".empty p").textContent = failure.message;
    });
  }
}

// Whether the server has done it.
async function change(ask, done) {
  const answer = await app.attempt(() => app.ask(ask()));
  if (answer) show(answer);
  else load(); // somebody else may have changed the list
  if (answer && done) app.toast(done);
  return Boolean(answer);
}

async function remove({ person, name, meetings }) {
  const count = Number(meetings);
  const text =
    count === 1
      ? app.t("The voice goes, and the name in 1 meeting. What was said stays.")
      : app.t("The voice goes, and the name in {count} meetings. What was said stays.", { count });
  if (!(await app.confirmed(app.t("Delete {name}?", { name }), text, app.t("Delete")))) return;
  change(() => server.delete_person({ person_id: person }), app.t("{name} was deleted.", { name }));
}

async function forget({ person, name }) {
  const text = app.t("This voice is no longer recognised. The name stays.");
  const title = app.t("Forget the voice of {name}?", { name });
  if (!(await app.confirmed(title, text, app.t("Forget")))) return;
  change(() => server.forget_voice({ person_id: person }), app.t("The voice was forgotten."));
}

async function forgetAll() {
  const text = app.t("Nobody is recognised any more. All names stay.");
  if (!(await app.confirmed(app.t("Forget all voices?"), text, app.t("Forget")))) return;
  change(() => server.forget_all_voices({}), app.t("All voices were forgotten."));
}

function merge({ person, name }) {
  const into = dialog.querySelector("[data-merge-into]");
  const others = [...element.querySelectorAll("[data-person]")].map((card) => card.dataset);
  others.sort((a, b) => a.name.localeCompare(b.name));
  into.replaceChildren(
    new Option(app.t("Choose a person"), ""),
    ...others.filter((other) => other.person !== person).map((o) => new Option(o.name, o.person)),
  );
  dialog.querySelector("[data-merge-title]").textContent = app.t("Who is {name}?", { name });
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue !== "yes" || !into.value) return;
    change(() => server.merge_people({ person_id: person, into: into.value }));
  };
  dialog.showModal();
}

element.addEventListener("click", (event) => {
  const on = (name) => event.target.closest(`[data-${name}]`);
  const card = event.target.closest("[data-person]")?.dataset;
  const toggle = on("switch");
  if (toggle) {
    const isOn = toggle.getAttribute("aria-checked") !== "true";
    change(() => server.switch_voices({ is_on: String(isOn) }));
  }
  const remembered = on("remember")?.dataset;
  if (remembered) {
    const { meeting, label } = remembered;
    const ask = () => server.remember_voice({ meeting_id: meeting, label });
    change(ask, app.t("The voice is remembered."));
  }
  if (on("forget-all")) forgetAll();
  if (!card) return;
  if (on("delete")) remove(card);
  if (on("forget")) forget(card);
  if (on("merge-with")) merge(card);
  if (on("rename")) {
    app.editInPlace(on("rename"), {
      label: app.t("Name of {name}", { name: card.name }),
      value: card.name,
      save: (text) =>
        text && change(() => server.rename_person({ person_id: card.person, name: text })),
    });
  }
});
app.on("connection", ({ isUp }) => {
  if (isUp && document.body.dataset.view === "people") load();
});
app.on("route", ({ view }) => {
  if (view === "people") load();
});
