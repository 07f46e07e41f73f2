// Chapters and minutes are changed where they stand.
import { correct, meeting } from "./asking.js";

const app = window.meetingApp;

function changeButton(label, run) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "change-button", textContent: "⋯" });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    run(button);
  });
  return button;
}

export function mountOutline(element, menu) {
  let cursor = null;
  const line = mountLine(element);
  app.on("turn", (turn) => (cursor = turn));
  app.on("meeting", (shown) => shown && setTimeout(decorate));
  const attempt = (correction) => app.attempt(() => correct(correction));

  function decorate() {
    for (const place of document.querySelectorAll("#chapters li")) {
      if (place.querySelector(".change-button")) continue;
      const start = Number(place.querySelector("[data-start]").dataset.start);
      const title = place.querySelector("strong").textContent;
      place.append(changeButton(app.t("Change the chapter {title}", { title }), (button) => {
        menu.show(button, [{ title, items: chapterItems(place, start, title) }]);
        menu.focus();
      }));
    }
    for (const place of document.querySelectorAll("#minutes [data-line]")) {
      if (place.querySelector(".change-button")) continue;
      place.append(changeButton(app.t("Change this line"), () => line.open(place.dataset)));
    }
  }

  function chapterItems(place, start, title) {
    const items = [{
      text: app.t("Rename chapter"),
      run: () => app.editInPlace(place.querySelector("strong"), {
        label: app.t("Title of the chapter"),
        value: title,
        save: async (text) => text === "" || (await attempt({ kind: "rename-chapter", start, title: text })) !== null,
      }),
    }];
    if (cursor && start > 0) {
      const clock = app.clock(cursor.start);
      items.push({ text: app.t("Begin with the turn at {clock}", { clock }), run: () => attempt({ kind: "move-chapter", start, to: cursor.start }) });
    }
    items.push({ text: app.t("Remove chapter"), run: () => attempt({ kind: "remove-chapter", start }) });
    return items;
  }
}

function mountLine(element) {
  const dialog = element.querySelector('[data-dialog="line"]');
  const find = (name) => dialog.querySelector(`[data-${name}]`);
  const [text, owner, due, problem] = ["text", "owner", "due", "problem"].map(find);
  let line = null;
  find("close").addEventListener("click", () => dialog.close());
  find("remove").addEventListener("click", () => save({ kind: "remove-line", line }));
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const more = line.list === "action" ? { owner: owner.value || null, due: due.value.trim() || null } : {};
    save({ kind: "edit-line", line, text: text.value, ...more });
  });

  async function save(correction) {
    try {
      await correct(correction);
      dialog.close();
    } catch (failure) {
      problem.textContent = failure.message; // what was typed stays
    }
  }

  function open({ line: list, position, text: said, owner: who, due: until }) {
    line = { list, position: Number(position), text: said };
    text.value = said;
    due.value = until ?? "";
    problem.textContent = "";
    for (const part of dialog.querySelectorAll("[data-action-only]")) part.hidden = list !== "action";
    const known = meeting().transcript.speakers.map(({ label, name }) => [label, name]);
    const others = who && !known.some(([label]) => label === who) ? [[who, who]] : [];
    owner.replaceChildren(...[["", "–"], ...known, ...others].map(([value, name]) => new Option(name, value)));
    owner.value = who ?? "";
    dialog.showModal();
  }
  return { open };
}
