// After speakers were corrected: what else sounds as if it were somebody else's, to accept or not.
import { correct, get, meeting } from "./asking.js";

const app = window.meetingApp;
const TEACHING = ["merge-speakers", "split-speaker", "reassign-words"];

export function mountTeaching(element) {
  const banner = element.querySelector("[data-teach]");
  const find = (name) => banner.querySelector(`[data-teach-${name}]`);
  let changes = [];

  const propose = (found) => {
    changes = found;
    banner.hidden = !found.length;
    app.publish("proposal", found);
    mark();
  };
  const hide = () => propose([]);
  app.on("corrected", async ({ kind }) => {
    hide();
    if (!TEACHING.includes(kind) || !meeting().hasVoices) return;
    const answer = await get("proposal").catch((failure) => {
      app.toast(failure.message, { failed: true });
      return null;
    });
    if (answer?.changes.length) offer(answer.changes);
  });
  app.on("meeting", (shown) => {
    if (!shown?.isSame) hide();
    else setTimeout(mark);
  });

  function offer(found) {
    const names = new Set(found.map(({ after }) => meeting().transcript.speakers.find(({ label }) => label === after)?.name ?? after));
    const count = found.length;
    find("text").textContent = names.size === 1
      ? app.t("{count} more passages sound like {name}", { count, name: [...names][0] })
      : app.t("{count} more passages sound like other speakers", { count });
    propose(found);
  }

  function mark() {
    const shown = meeting();
    if (!shown) return;
    for (const word of document.querySelectorAll("#transcript [data-w]")) {
      const middle = (shown.transcript.starts[word.dataset.w] + shown.transcript.ends[word.dataset.w]) / 2;
      word.classList.toggle("proposed", changes.some(({ start, end }) => start <= middle && middle < end));
    }
  }

  let place = 0;
  find("show").addEventListener("click", () => {
    const { start } = changes[place % changes.length];
    place += 1;
    app.send("seek", { time: start, scroll: true });
    setTimeout(mark, 100);
  });
  window.addEventListener("scroll", () => changes.length && requestAnimationFrame(mark), { passive: true });
  find("accept").addEventListener("click", async () => {
    const accepted = changes.map(({ start, end, before, after }) => ({ start, end, before, after }));
    await app.attempt(() => correct({ kind: "relabel", changes: accepted }));
    hide();
  });
  find("dismiss").addEventListener("click", hide);
}
