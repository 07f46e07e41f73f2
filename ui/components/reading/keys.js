// The keys of the meeting page: the one table that both the page and its help read.
// `keys` are values of KeyboardEvent.key, `shown` what is printed on them, `send` the message each
// gives; `t` says the texts in the language of the page.

export const keysOf = (t) => [
  { keys: [" "], shown: [t("Space")], text: t("Play or pause"), send: ["toggle-play"] },
  { keys: ["ArrowLeft"], shown: ["←"], text: t("Back 3 seconds"), send: ["skip", { by: -3 }] },
  { keys: ["ArrowRight"], shown: ["→"], text: t("Forward 3 seconds"), send: ["skip", { by: 3 }] },
  { keys: ["Shift+ArrowLeft"], shown: ["Shift ←"], text: t("Back 30 seconds"), send: ["skip", { by: -30 }] },
  { keys: ["Shift+ArrowRight"], shown: ["Shift →"], text: t("Forward 30 seconds"), send: ["skip", { by: 30 }] },
  { keys: ["j"], shown: ["J"], text: t("Next turn"), send: ["step-turn", { step: 1 }] },
  { keys: ["k"], shown: ["K"], text: t("Previous turn"), send: ["step-turn", { step: -1 }] },
  { keys: ["d"], shown: ["D"], text: t("Next doubt"), send: ["step-doubt", { step: 1 }] },
  { keys: ["Shift+D"], shown: ["Shift D"], text: t("Previous doubt"), send: ["step-doubt", { step: -1 }] },
  { keys: ["n"], shown: ["N"], text: t("Next chapter"), send: ["step-chapter", { step: 1 }] },
  { keys: ["p"], shown: ["P"], text: t("Previous chapter"), send: ["step-chapter", { step: -1 }] },
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({
    keys: [String(number)], shown: ["1 – 8"], text: t("Say who speaks here"), send: ["assign-speaker", { number }],
  })),
  { keys: ["e"], shown: ["E"], text: t("Edit the selected words, or the turn"), send: ["edit-words"] },
  { keys: ["m"], shown: ["M"], text: t("All that can be changed here"), send: ["show-changes"] },
  { keys: ["Control+z"], shown: ["Ctrl Z"], text: t("Undo"), send: ["undo"] },
  { keys: ["Control+Shift+z", "Control+y"], shown: ["Ctrl Shift Z"], text: t("Redo"), send: ["redo"] },
  { keys: [">"], shown: [">"], text: t("Faster"), send: ["speed", { step: 1 }] },
  { keys: ["<"], shown: ["<"], text: t("Slower"), send: ["speed", { step: -1 }] },
  { keys: ["s"], shown: ["S"], text: t("Skip silence or not"), send: ["toggle-silence"] },
  { keys: ["/", "f"], shown: ["/", "F"], text: t("Search in this meeting"), send: ["find"] },
  { keys: ["+", "="], shown: ["+"], text: t("Zoom in"), send: ["zoom", { factor: 0.5 }] },
  { keys: ["-"], shown: ["−"], text: t("Zoom out"), send: ["zoom", { factor: 2 }] },
  { keys: ["0"], shown: ["0"], text: t("Show the whole meeting"), send: ["zoom", { factor: 0 }] },
  { keys: ["?"], shown: ["?"], text: t("Show or hide these keys"), send: ["help"] },
];

const byKey = new Map(keysOf((text) => text).flatMap((entry) => entry.keys.map((key) => [key, entry])));

// The entry for an event of the keyboard; undefined for a key that means nothing here.
export function entryOf({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  if (altKey) return undefined;
  if (ctrlKey || metaKey) return byKey.get(`Control+${shiftKey ? "Shift+" : ""}${key.toLowerCase()}`);
  const name = key.length === 1 && !shiftKey ? key.toLowerCase() : key;
  return (shiftKey && byKey.get(`Shift+${name}`)) || byKey.get(name);
}
