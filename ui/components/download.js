const app = window.meetingApp;
const dialog = element.querySelector("[data-dialog]");
const form = dialog.querySelector("form");
const save = dialog.querySelector("[data-save]");
const { format, part, chapter, language } = form.elements;
const CHECKS = ["timestamps", "speakers", "chapters", "audio", "history", "voices"];
let meeting = null;

function showChapters(chapters) {
  chapter.replaceChildren(new Option(app.t("All of them"), ""));
  chapters.forEach(({ title }, index) => chapter.add(new Option(`${index + 1}. ${title}`, index + 1)));
}

// What means nothing in a format is not offered, so that nobody expects it.
function offer() {
  const { choices, parts, chapter: hasChapter } = format.selectedOptions[0].dataset;
  const known = new Set(choices.split(" "));
  for (const name of CHECKS) form.elements[name].closest("label").hidden = !known.has(name);
  form.querySelector("fieldset").hidden = !CHECKS.some((name) => known.has(name));
  language.closest("label").hidden = !known.has("language");
  const possible = parts.split(" ");
  for (const option of part.options) option.disabled = option.hidden = !possible.includes(option.value);
  if (part.selectedOptions[0].disabled) part.value = "whole";
  part.closest("label").hidden = possible.length === 1;
  chapter.closest("label").hidden = hasChapter === undefined || chapter.options.length < 3;
  if (chapter.closest("label").hidden) chapter.value = "";
  const query = new URLSearchParams({ part: part.value });
  if (chapter.value) query.set("chapter", chapter.value);
  if (known.has("language")) query.set("language", language.value);
  for (const name of CHECKS) if (known.has(name)) query.set(name, form.elements[name].checked);
  save.href = app.url(`api/meetings/${encodeURIComponent(meeting.id)}/export/${format.value}?${query}`);
}

app.on("meeting", (shown) => {
  meeting = shown;
  if (!shown) dialog.close();
  else if (!shown.isSame) showChapters(shown.transcript.chapters);
});
app.on("choose-download", () => {
  if (!meeting) return;
  showChapters(meeting.transcript.chapters);
  offer();
  dialog.showModal();
});
form.addEventListener("change", offer);
save.addEventListener("click", () => dialog.close());
