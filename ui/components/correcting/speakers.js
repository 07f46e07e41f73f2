// Speakers to choose from, and what can be done with a speaker as a whole.
import { change, correct, meeting, undo } from "./asking.js";

const app = window.meetingApp;

export function mountSpeakers() {
  const items = (run) => [
    ...meeting().transcript.speakers.map(({ name, color, label }) => ({ text: name, color, run: () => run(label) })),
    { text: app.t("New speaker"), run: () => run(null) },
  ];

  async function split({ label, name }, insist) {
    try {
      await change(`speakers/${encodeURIComponent(label)}/split`, { insist });
      app.toast(app.t("{name} was split in two.", { name }), { action: { text: app.t("Undo"), run: undo } });
      app.send("corrected", { kind: "split-speaker" });
    } catch (failure) {
      if (failure.status !== 409 || insist) return app.toast(failure.message, { failed: true });
      const isSure = await app.confirmed(app.t("Split this speaker?"), failure.message, app.t("Split anyway"));
      if (isSure) await split({ label, name }, true);
    }
    return undefined;
  }

  function whole(speaker) {
    const others = meeting().transcript.speakers.filter(({ label }) => label !== speaker.label);
    return [
      ...others.map(({ name, color, label }) => ({
        text: app.t("Is the same as {name}", { name }),
        color,
        run: () => app.attempt(() => correct({ kind: "merge-speakers", label: speaker.label, into: label })),
      })),
      { text: app.t("Is two people: split by voice"), run: () => split(speaker, false) },
    ];
  }

  return { items, whole };
}
