// The language of the page, for all scripts; loaded before any of them.
window.meetingAppWording = (() => {
  const { language, tag, texts } = JSON.parse(document.getElementById("wording").textContent);
  const CHOICE = "meeting-app.language";
  const other = language === "en" ? "zh" : "en";
  const root = language === "en" ? "" : "../";
  const PLACEHOLDER = /\{(\w+)\}/g;

  // The English text in the language of the page; each {name} becomes the value of that name.
  const t = (text, values = {}) => {
    const wanted = new Set([...text.matchAll(PLACEHOLDER)].map((found) => found[1]));
    const given = Object.keys(values);
    if (given.length !== wanted.size || given.some((name) => !wanted.has(name))) {
      throw new Error(`“${text}” has places for ${[...wanted]} and got ${given}`);
    }
    return (texts[text] ?? text).replace(PLACEHOLDER, (_, name) => String(values[name]));
  };
  // An address written from the server's root, as this page reaches it.
  const url = (address) => root + address;
  // The same place of the page in the other language.
  const otherAddress = () => (other === "en" ? "../" : "zh/") + location.search;

  // The reader's own variant of the language decides how dates and numbers look.
  const locale = navigator.languages.find((name) => name.split("-")[0] === language) ?? tag;

  // What was chosen with the switch holds at every address. Without a choice an address is taken
  // at its word; only who comes to the front door is received in the browser's language.
  const chosen = localStorage.getItem(CHOICE);
  const isFrontDoor = language === "en" && !location.search;
  const preferred = navigator.language.split("-")[0];
  if (chosen === other || (!chosen && isFrontDoor && preferred === other)) {
    location.replace(otherAddress());
  }
  const choose = (wanted) => localStorage.setItem(CHOICE, wanted);

  // Gradio names a language of its own when it starts.
  const settleLanguage = () => (document.documentElement.lang = tag);
  settleLanguage();
  return { language, locale, other, otherAddress, choose, settleLanguage, t, url };
})();
