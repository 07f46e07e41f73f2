// Stands in the head of the page: what a meeting needs is fetched while the page is being built.
window.meetingApp.opening = (() => {
  const app = window.meetingApp;
  const absolute = (address) => new URL(app.url(address), location.href);
  const MODULES = ["transcript", "lanes", "player", "statistics", "model", "search", "rows", "virtual",
    "offsets", "axis", "peaks", "drawing", "keyboard", "keys"];
  // The meeting as the server keeps it, in the language of the page.
  const load = (id) => fetch(absolute(`pages/meetings/${encodeURIComponent(id)}?language=${app.language}`));
  const wanted = new URLSearchParams(location.search).get("meeting");
  if (wanted) {
    for (const name of MODULES) {
      const link = document.createElement("link");
      Object.assign(link, { rel: "modulepreload", href: absolute(`scripts/reading/${name}.js`) });
      document.head.append(link);
    }
  }
  let early = wanted ? { id: wanted, answer: load(wanted) } : null;
  early?.answer.catch(() => {}); // whoever takes it will hear of the failure
  return {
    // The answer of the server; what was fetched early is given once.
    async fetch(id) {
      const answer = early?.id === id ? early.answer : load(id);
      early = null;
      return (await answer).json();
    },
  };
})();
