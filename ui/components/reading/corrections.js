// The buttons of the heading that correct. The first look shows them before there is anything
// behind them; what corrects puts its own in their place, so that nothing moves.
const app = window.meetingApp;

// `run` holds what a click does: undo, redo, history, names.
export function correctionsBar({ canUndo, canRedo }, numSpeakers, run = {}) {
  const bar = Object.assign(document.createElement("div"), { className: "corrections" });
  for (const [textContent, click, disabled] of [
    [app.t("Undo"), run.undo, !canUndo],
    [app.t("Redo"), run.redo, !canRedo],
    [app.t("Corrections"), run.history, false],
    [app.t("Name the speakers"), run.names, !numSpeakers],
  ]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent, disabled });
    if (click) button.addEventListener("click", click);
    bar.append(button);
  }
  return bar;
}
