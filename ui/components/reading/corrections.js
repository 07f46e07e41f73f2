// The buttons of the heading that correct. They give commands, so that they can be there, and be
// used, before the module that carries these out; nothing moves when it comes.
const app = window.meetingApp;

export function correctionsBar({ canUndo, canRedo }, numSpeakers) {
  const bar = Object.assign(document.createElement("div"), { className: "corrections" });
  for (const [textContent, command, disabled] of [
    [app.t("Undo"), "undo", !canUndo],
    [app.t("Redo"), "redo", !canRedo],
    [app.t("Corrections"), "show-history", false],
    [app.t("Name the speakers"), "name-speakers", !numSpeakers],
  ]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent, disabled });
    button.addEventListener("click", () => app.send(command));
    bar.append(button);
  }
  return bar;
}
