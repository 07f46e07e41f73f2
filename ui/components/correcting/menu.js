// One menu for everything that can be changed at a place; arrows, Enter and Escape work in it.
export function menuIn(box) {
  let opener = null;

  function show(anchor, groups) {
    opener = document.activeElement;
    box.replaceChildren();
    for (const { title, items } of groups) {
      if (title) box.append(Object.assign(document.createElement("p"), { textContent: title }));
      for (const { text, color, run } of items) {
        const button = Object.assign(document.createElement("button"), { type: "button" });
        button.setAttribute("role", "menuitem");
        if (color !== undefined) {
          button.className = `speaker-${color}`;
          button.append(Object.assign(document.createElement("i"), { className: "dot" }));
        }
        button.append(text);
        button.addEventListener("click", () => {
          box.hidePopover();
          run();
        });
        box.append(button);
      }
    }
    box.showPopover();
    const place = anchor.getBoundingClientRect();
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    const below = place.bottom + 6;
    const top = below + height > window.innerHeight - 8 ? place.top - height - 6 : below;
    box.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - width - 8))}px`;
    box.style.top = `${Math.max(8, top)}px`;
    box.style.right = box.style.bottom = "auto";
  }

  box.addEventListener("keydown", (event) => {
    const buttons = [...box.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[(place + step + buttons.length) % buttons.length]?.focus();
  });
  box.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && box.contains(document.activeElement)) opener?.focus?.();
  });
  return { show, focus: () => box.querySelector("button")?.focus(), hide: () => box.hidePopover?.() };
}
