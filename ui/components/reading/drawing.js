// Draws the axis of a meeting on a canvas, in the colours of the page.
import { WORD_DOUBT, countUpTo } from "./model.js";

const SCALE = 20; // px at the top, with the time and the chapters
const LANE = 13; // px of one speaker
const SOUND = 44; // px
const MARKS = 9; // px at the bottom, with doubts and hits

export function heightOf(numSpeakers, isNarrow) {
  const lanes = numSpeakers ? (isNarrow ? 1 : numSpeakers) : 0;
  return SCALE + lanes * LANE + SOUND + MARKS;
}

export function drawAxis(canvas, shown) {
  const { axis, height } = shown;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(axis.width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${axis.width}px`;
  canvas.style.height = `${height}px`;
  const brush = canvas.getContext("2d");
  brush.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const lanes = height - SCALE - SOUND - MARKS;
  drawScale(brush, shown, color);
  drawLanes(brush, shown, color, SCALE);
  drawProposal(brush, shown, color, SCALE);
  drawSound(brush, shown, color, SCALE + lanes);
  drawMarks(brush, shown, color, SCALE + lanes + SOUND);
}

function clockOf(seconds) {
  return window.meetingApp.clock(seconds);
}

function drawScale(brush, { axis, height, transcript }, color) {
  brush.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  brush.textBaseline = "middle";
  brush.fillStyle = color("muted");
  for (const time of axis.ticks(90)) {
    const x = Math.round(axis.x(time));
    brush.fillRect(x, SCALE - 5, 1, 4);
    const label = clockOf(time);
    if (x + 4 + brush.measureText(label).width < axis.width) brush.fillText(label, x + 4, SCALE / 2);
  }
  brush.fillStyle = color("line");
  brush.fillRect(0, SCALE - 1, axis.width, 1);
  brush.fillStyle = color("accent");
  for (const { start } of transcript.chapters) {
    const x = Math.round(axis.x(start));
    if (x < 0 || x > axis.width) continue;
    brush.globalAlpha = 0.35;
    brush.fillRect(x, SCALE, 1, height - SCALE);
    brush.globalAlpha = 1;
    brush.beginPath();
    brush.moveTo(x - 4, SCALE - 8);
    brush.lineTo(x + 5, SCALE - 8);
    brush.lineTo(x + 0.5, SCALE);
    brush.fill();
  }
}

function drawLanes(brush, { axis, isNarrow, transcript }, color, top) {
  const { start, end, speaker } = transcript.voices;
  const colors = transcript.speakers.map((item) => color(`speaker-${item.color}`));
  const numLanes = isNarrow ? 1 : colors.length;
  brush.fillStyle = color("line");
  for (let lane = 0; lane < numLanes; lane += 1) {
    brush.fillRect(0, top + lane * LANE + LANE / 2, axis.width, 1);
  }
  // Nothing that begins after the end is seen; what ends before the start is passed over.
  const last = countUpTo(start, axis.end);
  for (let place = 0; place < last; place += 1) {
    if (end[place] < axis.start) continue;
    const x = axis.x(start[place]);
    const lane = isNarrow ? 0 : speaker[place];
    brush.fillStyle = colors[speaker[place]];
    brush.fillRect(x, top + lane * LANE + 2, Math.max(1, axis.x(end[place]) - x), LANE - 4);
  }
  drawOverlaps(brush, axis, transcript.voices, color, top, numLanes * LANE);
}

// Where somebody would speak instead of somebody else: hatched in the lane that would get it, and
// paled in the one that would lose it.
function drawProposal(brush, { axis, isNarrow, proposal, transcript }, color, top) {
  if (!proposal.length) return;
  const places = new Map(transcript.speakers.map(({ label }, place) => [label, place]));
  const pale = hatched(color("surface"));
  for (const { start, end, before, after } of proposal) {
    if (end < axis.start || start > axis.end) continue;
    const x = axis.x(start);
    const stretch = [x, Math.max(2, axis.x(end) - x)];
    for (const [label, fill] of [[before, pale], [after, null]]) {
      const place = places.get(label);
      if (place === undefined || (isNarrow && fill)) continue;
      const own = color(`speaker-${transcript.speakers[place].color}`);
      const y = top + (isNarrow ? 0 : place) * LANE + 1;
      brush.fillStyle = brush.createPattern(fill ?? hatched(own), "repeat");
      brush.fillRect(stretch[0], y, stretch[1], LANE - 2);
      brush.strokeStyle = own;
      if (!fill) brush.strokeRect(stretch[0], y + 0.5, stretch[1], LANE - 3);
    }
  }
}

// A tile of slanted lines.
function hatched(line) {
  const tile = Object.assign(document.createElement("canvas"), { width: 6, height: 6 });
  const brush = tile.getContext("2d");
  Object.assign(brush, { strokeStyle: line, lineWidth: 2, lineCap: "square" });
  for (const shift of [-6, 0, 6]) {
    brush.moveTo(shift, 6);
    brush.lineTo(shift + 6, 0);
  }
  brush.stroke();
  return tile;
}

// Behind the lanes where two or more speak at once.
function drawOverlaps(brush, axis, { start, end }, color, top, height) {
  brush.fillStyle = color("danger");
  let until = -Infinity;
  const last = countUpTo(start, axis.end);
  for (let place = 0; place < last; place += 1) {
    if (start[place] < until && Math.min(until, end[place]) > axis.start) {
      const x = axis.x(start[place]);
      const width = Math.max(1, axis.x(Math.min(until, end[place])) - x);
      brush.globalAlpha = 0.16;
      brush.fillRect(x, top, width, height);
      brush.globalAlpha = 1;
      brush.fillRect(x, top + height - 1, width, 2);
    }
    until = Math.max(until, end[place]);
  }
}

function drawSound(brush, { axis, peaks }, color, top) {
  const middle = top + SOUND / 2;
  brush.fillStyle = color("line");
  brush.fillRect(0, middle, axis.width, 1);
  if (!peaks) return;
  const columns = Math.floor(axis.width);
  const found = peaks.columns(axis.start, axis.end, columns);
  for (const [part, alpha] of [[0, 0.4], [1, 0.9]]) {
    brush.fillStyle = color("muted");
    brush.globalAlpha = alpha;
    brush.beginPath();
    for (let x = 0; x < columns; x += 1) {
      const half = Math.max(0.5, (found[2 * x + part] * SOUND) / 2 - 1);
      brush.rect(x, middle - half, 1, 2 * half);
    }
    brush.fill();
  }
  brush.globalAlpha = 1;
}

function drawMarks(brush, { axis, hits, transcript }, color, top) {
  // One mark for each column, however many words fall into it.
  const columns = new Uint8Array(Math.ceil(axis.width) + 1);
  const from = countUpTo(transcript.sortedStarts, axis.start);
  const to = countUpTo(transcript.sortedStarts, axis.end);
  for (let place = from; place < to; place += 1) {
    const word = transcript.order[place];
    if (transcript.doubts[word] & WORD_DOUBT) columns[Math.floor(axis.x(transcript.starts[word]))] += 1;
  }
  const most = columns.reduce((a, b) => Math.max(a, b), 1);
  brush.fillStyle = color("doubt");
  columns.forEach((count, x) => {
    if (!count) return;
    brush.globalAlpha = 0.35 + (0.65 * count) / most;
    brush.fillRect(x, top + 2, 1, MARKS - 3);
  });
  brush.globalAlpha = 1;
  hits.times.forEach((time, place) => {
    const isCurrent = place === hits.current;
    const x = axis.x(time);
    if (x < 0 || x > axis.width) return;
    brush.fillStyle = color(isCurrent ? "danger" : "accent");
    brush.fillRect(x - 1, isCurrent ? SCALE : top - 6, 2, isCurrent ? top + MARKS - SCALE : MARKS + 5);
  });
}
