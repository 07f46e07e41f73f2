"use strict";
const player = document.querySelector(".player");
const audio = player.querySelector("audio");
const start = Number(audio.dataset.start);
const words = [...document.querySelectorAll("p [data-t]")];
const times = words.map((word) => Number(word.dataset.t));
let now = null;

// The sound comes in pieces, so that hours of it are never in memory twice.
const parts = [...document.querySelectorAll("script.sound")].map((piece) => {
  const text = atob(piece.textContent);
  piece.remove();
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
});
audio.src = URL.createObjectURL(new Blob(parts, { type: "audio/mp4" }));
player.hidden = false;
document.querySelector(".note").hidden = true;

// Words are in the order of their turns; where people interrupt each other, times step back.
const order = times.map((time, index) => index).sort((a, b) => times[a] - times[b]);
function wordAt(time) {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[order[middle]] <= time) low = middle + 1;
    else high = middle;
  }
  return low ? words[order[low - 1]] : null;
}
function follow() {
  const word = wordAt(audio.currentTime + start + 0.02);
  if (word !== now) {
    now?.classList.remove("now");
    word?.classList.add("now");
    now = word;
  }
  if (!audio.paused) requestAnimationFrame(follow);
}
audio.addEventListener("play", follow);
audio.addEventListener("seeked", follow);
document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-t]");
  if (!place || String(getSelection())) return;
  audio.currentTime = Math.max(0, Number(place.dataset.t) - start);
  audio.play();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.closest("a, audio")) return;
  event.preventDefault();
  if (audio.paused) audio.play();
  else audio.pause();
});
