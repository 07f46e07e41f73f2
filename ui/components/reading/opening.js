// Begins before the page is built: what a meeting needs is fetched, and shown as soon as it is there.
window.meetingApp.opening = (() => {
  const app = window.meetingApp;
  const absolute = (address) => new URL(app.url(address), location.href);
  const MODULES = ["first", "model", "rows", "axis", "drawing", "transcript", "lanes", "player", "statistics",
    "corrections", "search", "virtual", "offsets", "peaks", "keyboard", "keys"];
  // The meeting as the server keeps it, in the language of the page.
  const load = async (id) => {
    const address = absolute(`pages/meetings/${encodeURIComponent(id)}?language=${app.language}`);
    return (await fetch(address, { priority: "high" })).json();
  };
  const query = new URLSearchParams(location.search);
  const wanted = query.get("meeting");
  let early = wanted ? { id: wanted, answer: load(wanted) } : null;
  if (wanted) {
    for (const name of MODULES) {
      const link = document.createElement("link");
      Object.assign(link, { rel: "modulepreload", href: absolute(`scripts/reading/${name}.js`) });
      document.head.append(link);
    }
  }
  // Who comes to a moment of the meeting is led there by the parts themselves.
  const show = async () => {
    const [meeting, first] = await Promise.all([early.answer, app.module("reading/first")]);
    if (meeting.error === undefined) first.paint(meeting);
  };
  if (wanted && !query.get("t")) show().catch((failure) => console.warn(failure));
  early?.answer.catch(() => {});
  return {
    // The answer of the server; what was fetched early is given once.
    async fetch(id) {
      const answer = early?.id === id ? early.answer : load(id);
      early = null;
      return answer;
    },
  };
})();
