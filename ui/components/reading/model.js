// A meeting as columns of words, and what the page asks of it; knows no page.
// Times are seconds here, hundredths of a second in what the server sends.

export const WORD_DOUBT = 1; // it may be another word
export const LABEL_DOUBT = 2; // it may be another speaker's
const LONGEST_ROW = 120; // words; longer turns are shown as several rows
const SHORTEST_ROW = 60; // words after which a sentence's end may end a row
const SPOKEN_FOR = 1; // s that a word stays highlighted after its end
const SHORTEST_GAP = 1; // s; shorter silences are not skipped
const SENTENCE_END = /[.!?…。！？]+["'”’)\]」』]*$/u;
// As in meeting_app/domain/transcript.py.
const UNSPACED =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff01-\uffef\u{20000}-\u{3ffff}]/u;

// The number of entries of a sorted array that are not after `value`.
export function countUpTo(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const seconds = (ticks) => Float64Array.from(ticks, (tick) => tick / 100);

export class Transcript {
  constructor({ speakers, voices, chapters, turns, words, duration, language }) {
    this.duration = duration;
    this.language = language;
    this.speakers = speakers;
    this.texts = words.text;
    this.starts = seconds(words.start);
    this.ends = this.starts.map((start, index) => start + words.length[index] / 100);
    this.probabilities = Uint8Array.from(words.probability);
    this.doubts = Uint8Array.from(words.doubt);
    this.turnIds = turns.id;
    this.turnSpeakers = Int8Array.from(turns.speaker);
    this.firsts = Uint32Array.from(turns.first);
    this.voices = { start: seconds(voices.start), end: seconds(voices.end), speaker: voices.speaker };
    this.chapters = chapters.map((item) => ({ ...item, start: item.start / 100, end: item.end / 100 }));
    // Turns may overlap, so words in the order of the text are not in the order of time.
    this.order = Uint32Array.from(this.starts.keys());
    this.order.sort((a, b) => this.starts[a] - this.starts[b] || a - b);
    this.sortedStarts = Float64Array.from(this.order, (word) => this.starts[word]);
    this.rows = this.#rows();
    this.rowFirsts = this.rows.map((row) => row.first);
    this.gaps = this.#gaps();
  }

  get numWords() {
    return this.texts.length;
  }

  get numTurns() {
    return this.firsts.length;
  }

  // One after the last word of a turn.
  endOf(turn) {
    return turn + 1 < this.numTurns ? this.firsts[turn + 1] : this.numWords;
  }

  turnOf(word) {
    return countUpTo(this.firsts, word) - 1;
  }

  turnWithId(id) {
    return this.turnIds.indexOf(id);
  }

  // All that others need to know of a turn; null for a place that has none.
  turn(place) {
    if (place < 0 || place >= this.numTurns) return null;
    const [first, last] = [this.firsts[place], this.endOf(place)];
    return {
      place, first, last,
      id: this.turnIds[place],
      speaker: this.speakers[this.turnSpeakers[place]] ?? null,
      start: this.starts[first],
      end: this.ends.subarray(first, last).reduce((a, b) => Math.max(a, b), 0),
    };
  }

  // The word that began last before or at `time`; -1 before the first.
  lastBegun(time) {
    const count = countUpTo(this.sortedStarts, time + 0.005);
    return count ? this.order[count - 1] : -1;
  }

  // The word that is heard at `time`; -1 in silence.
  wordAt(time) {
    const word = this.lastBegun(time);
    return word >= 0 && time <= this.ends[word] + SPOKEN_FOR ? word : -1;
  }

  chapterAt(time) {
    return this.chapters.findLastIndex((chapter) => chapter.start <= time + 0.01);
  }

  // Places of the speakers heard at `time`.
  speakersAt(time) {
    const { start, end, speaker } = this.voices;
    const heard = new Set();
    for (let i = 0; i < countUpTo(start, time); i += 1) if (end[i] > time) heard.add(speaker[i]);
    return [...heard].sort((a, b) => a - b);
  }

  needsSpace(word) {
    const [before, text] = [this.texts[word - 1], this.texts[word]];
    return !UNSPACED.test([...before].at(-1) ?? "") && !UNSPACED.test([...text][0] ?? "");
  }

  text(first, last) {
    let text = "";
    for (let word = first; word < last; word += 1) {
      text += word > first && this.needsSpace(word) ? ` ${this.texts[word]}` : this.texts[word];
    }
    return text;
  }

  // The next (step 1) or last (step -1) place where doubt begins, seen from a word; -1 for none.
  nextDoubt(word, step) {
    const isStart = (place) =>
      this.doubts[place] && !(place > 0 && this.doubts[place - 1] && this.turnOf(place) === this.turnOf(place - 1));
    for (let place = word + step; place >= 0 && place < this.numWords; place += step) {
      if (isStart(place)) return place;
    }
    return -1;
  }

  // The row that shows a word.
  rowOf(word) {
    return countUpTo(this.rowFirsts, word) - 1;
  }

  // The end of the silence that `time` lies in; null while somebody speaks.
  silenceEnd(time) {
    const gap = this.gaps[countUpTo(this.gaps.map(([start]) => start), time) - 1];
    return gap && time < gap[1] ? gap[1] : null;
  }

  // What is shown one below the other: chapters, and turns or parts of long ones. A chapter's
  // `first` is the word that follows it, so that rows stay in the order of words.
  #rows() {
    const rows = [];
    let next = 0;
    for (let turn = 0; turn < this.numTurns; turn += 1) {
      const start = this.starts[this.firsts[turn]];
      while (next < this.chapters.length && this.chapters[next].start <= start + 0.01) {
        rows.push({ key: `c${next}`, chapter: next, first: this.firsts[turn] });
        next += 1;
      }
      let first = this.firsts[turn];
      for (let part = 0; first < this.endOf(turn); part += 1) {
        const last = this.#rowEnd(first, this.endOf(turn));
        rows.push({ key: `t${this.turnIds[turn]}.${part}`, turn, part, first, last });
        first = last;
      }
    }
    return rows;
  }

  #rowEnd(first, end) {
    if (end - first <= LONGEST_ROW) return end;
    for (let word = first + SHORTEST_ROW; word < first + LONGEST_ROW; word += 1) {
      if (SENTENCE_END.test(this.texts[word])) return word + 1;
    }
    return first + LONGEST_ROW;
  }

  #gaps() {
    const gaps = [];
    let end = 0;
    this.voices.start.forEach((start, index) => {
      if (start - end >= SHORTEST_GAP) gaps.push([end, start]);
      end = Math.max(end, this.voices.end[index]);
    });
    return gaps;
  }
}
