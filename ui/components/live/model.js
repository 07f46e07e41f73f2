// What is known of a running meeting, and how each event of the server changes it. No DOM here.
// The same characters as in meeting_app.domain.transcript; those beyond U+FFFF by their halves.
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff01-\uffef\ud840-\ud8bf\udc00-\udfff]/;
const KEPT = 90; // seconds of voices; the page shows the last minute
const COLORS = 8;

export const numberOf = (label) => Number.parseInt(label.replace(/\D+/g, ""), 10) || 0;
export const colorOf = (label) => (label === null ? 0 : (numberOf(label) % COLORS) + 1);

// Words with a space between them, except where the script does not use spaces.
export function joined(words) {
  let text = "";
  for (const [word] of words) {
    const isApart = text && !UNSPACED.test(text.at(-1)) && !UNSPACED.test(word[0] ?? "");
    text += isApart ? ` ${word}` : word;
  }
  return text;
}

const emptyLine = (id) => ({ id, words: [], labels: [], stable: 0, final: false, settled: false, edited: false });

export class Meeting {
  // `unnamed(number)`: what a voice is called that nobody has named.
  constructor(unnamed = (number) => `Speaker ${number}`) {
    this.unnamed = unnamed;
    this.lines = new Map(); // id → line, in order
    Object.assign(this, { phase: null, title: null, language: null, position: 0, isPaused: false });
    Object.assign(this, { isRecorderConnected: true, voices: [], settled: 0, names: {}, recognised: {}, marks: [] });
    Object.assign(this, { chapters: [], behind: 0, sealing: null, sealed: null });
  }

  // Takes an event in; answers what it touched: the ids of lines, and names of other parts.
  apply(event) {
    const change = { lines: new Set(), parts: new Set() };
    this[`_${event.type}`]?.(event, change);
    return change;
  }

  displayName(label) {
    return label === null ? null : (this.names[label] ?? this.recognised[label] ?? this.unnamed(numberOf(label) + 1));
  }

  // Labels in the order of their numbers.
  labels() {
    const heard = new Set(this.voices.map(([, , label]) => label));
    for (const line of this.lines.values()) line.labels.forEach((label) => heard.add(label));
    heard.delete(null);
    return [...heard].sort((a, b) => numberOf(a) - numberOf(b));
  }

  // The line cut where the speaker changes; a word nobody is known for goes with the one before.
  turns(line, before = null) {
    const turns = [];
    let label = line.labels.find((known) => known !== null) ?? before;
    line.words.forEach((word, index) => {
      label = line.labels[index] ?? label;
      if (turns.at(-1)?.label !== label) turns.push({ label, words: [], first: index });
      turns.at(-1).words.push(word);
    });
    return turns;
  }

  #line(id, change) {
    change.lines.add(id);
    if (!this.lines.has(id)) {
      const last = [...this.lines.keys()].at(-1) ?? -1;
      this.lines.set(id, emptyLine(id));
      if (id < last) this.lines = new Map([...this.lines].sort(([a], [b]) => a - b));
    }
    return this.lines.get(id);
  }

  _state(state, change) {
    this.lines.forEach((_, id) => change.lines.add(id));
    this.lines = new Map(state.lines.map((line) => [line.id, { ...emptyLine(line.id), ...line }]));
    this.lines.forEach((_, id) => change.lines.add(id));
    const { phase, title, language, position, names, marks, chapters, behind } = state;
    Object.assign(this, { phase, title, language, position, names: { ...names }, chapters });
    this.recognised = { ...state.recognised };
    this.marks = marks.map(([time, note]) => ({ time, note }));
    this.failure = state.failure ?? null;
    Object.assign(this, { behind: behind ?? 0, sealed: state.sealed ?? null });
    this.isPaused = state.is_paused;
    this.isRecorderConnected = state.is_recorder_connected;
    const voices = state.voices ?? [];
    this.voices = voices.segments ?? voices;
    this.settled = voices.settled ?? this.voices.at(-1)?.[1] ?? 0;
    for (const part of ["all", "voices", "names", "marks", "chapters", "status"]) change.parts.add(part);
  }
  _partial({ line: id, words }, change) {
    const line = this.#line(id, change);
    if (line.final || line.edited) return;
    line.words = [...line.words.slice(0, line.stable), ...words];
    this.position = Math.max(this.position, line.words.at(-1)?.[2] ?? 0);
    this.#fitLabels(line);
  }
  _stable({ line: id, count }, change) {
    const line = this.#line(id, change);
    line.stable = Math.min(count, line.words.length);
  }
  // The second pass takes the place of the first `count` words of a line that goes on.
  _better({ line: id, count, words }, change) {
    const line = this.#line(id, change);
    if (line.final || line.edited) return;
    line.stable = words.length + Math.max(0, line.stable - count);
    line.words = [...words, ...line.words.slice(count)];
    this.#fitLabels(line);
  }
  _final({ line: id, words }, change) {
    const line = this.#line(id, change);
    if (line.edited) return; // the user's words stay
    if (!words.length) {
      this.lines.delete(id);
      return;
    }
    Object.assign(line, { words, stable: words.length, final: true });
    this.#fitLabels(line);
  }
  _speaker({ line: id, labels, settled }, change) {
    const line = this.#line(id, change);
    line.settled = settled;
    // Words may have come since the speakers were looked for; those keep what they have. The
    // labels of what was heard do not fit the words of a user.
    if (!line.edited) line.labels = [...labels, ...line.labels.slice(labels.length)].slice(0, line.words.length);
    change.parts.add("names");
  }
  // Until new labels come, the words keep those of their places.
  #fitLabels(line) {
    line.labels = line.words.map((_, index) => line.labels[index] ?? null);
  }
  _voices({ start, segments, settled }, change) {
    const before = this.voices
      .filter((segment) => segment[0] < start)
      .map(([from, to, label]) => [from, Math.min(to, start), label]);
    const now = Math.max(start, ...segments.map(([, end]) => end));
    this.voices = [...before, ...segments].filter(([, end]) => end > now - KEPT);
    this.settled = settled;
    this.position = Math.max(this.position, now);
    change.parts.add("voices");
  }
  _named(event, change) {
    this.#name(this.names, event, change);
  }
  _recognised(event, change) {
    this.#name(this.recognised, event, change);
  }
  #name(names, { label, name }, change) {
    if (name === null) delete names[label];
    else names[label] = name;
    change.parts.add("names").add("voices");
    for (const line of this.lines.values()) {
      if (line.labels.includes(label)) change.lines.add(line.id);
    }
  }
  _edited({ line: id, text }, change) {
    const line = this.#line(id, change);
    const spoken = line.words;
    const [start, end] = [spoken[0]?.[1] ?? 0, spoken.at(-1)?.[2] ?? 0];
    const texts = text.split(/\s+/).filter(Boolean);
    const time = (index) => start + ((end - start) * index) / texts.length;
    const labels = texts.map((_, index) => {
      const middle = (time(index) + time(index + 1)) / 2;
      const nearest = spoken.findLastIndex((word) => word[1] <= middle);
      return line.labels[Math.max(0, nearest)] ?? null;
    });
    const words = texts.map((word, index) => [word, time(index), time(index + 1), 1]);
    Object.assign(line, { words, labels, stable: words.length, edited: true });
  }
  _marked({ time, note }, change) {
    this.marks = [...this.marks, { time, note }];
    change.parts.add("marks");
  }
  _chapters({ chapters }, change) {
    this.chapters = chapters;
    change.parts.add("chapters");
  }
  _behind({ seconds }, change) {
    this.behind = seconds;
    change.parts.add("status");
  }
  _paused({ is_paused: isPaused }, change) {
    this.isPaused = isPaused;
    change.parts.add("status");
  }
  _recorder({ is_connected: isConnected }, change) {
    this.isRecorderConnected = isConnected;
    change.parts.add("status");
  }
  _sealing({ fraction, eta }, change) {
    this.phase = "sealing";
    this.sealing = { fraction, eta };
    change.parts.add("status");
  }
  _sealed(event, change) {
    this.phase = "sealed";
    this.sealed = event;
    change.parts.add("status");
  }
}
