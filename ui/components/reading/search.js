// Finding words inside one meeting; knows no page.

const MOST_HITS = 5000; // marks beyond these say nothing

const folded = (text) => text.toLocaleLowerCase().normalize("NFKC");

// The text of all words under one another's places; turns do not run into each other.
export class Index {
  constructor(transcript) {
    const pieces = [];
    this.offsets = new Uint32Array(transcript.numWords);
    let length = 0;
    const add = (piece) => {
      pieces.push(piece);
      length += piece.length;
    };
    for (let turn = 0; turn < transcript.numTurns; turn += 1) {
      const first = transcript.firsts[turn];
      for (let word = first; word < transcript.endOf(turn); word += 1) {
        if (word > first && transcript.needsSpace(word)) add(" ");
        this.offsets[word] = length;
        add(folded(transcript.texts[word]));
      }
      add("\n");
    }
    this.text = pieces.join("");
  }

  // Words from `first` to before `last` for each place that holds `query`, in order.
  find(query) {
    const wanted = folded(query).trim().replace(/\s+/g, " ");
    const hits = [];
    if (!wanted) return hits;
    let from = this.text.indexOf(wanted);
    while (from >= 0 && hits.length < MOST_HITS) {
      const end = from + wanted.length;
      hits.push({ first: this.#wordAt(from), last: this.#wordAt(end - 1) + 1 });
      from = this.text.indexOf(wanted, end);
    }
    return hits;
  }

  #wordAt(offset) {
    let [low, high] = [0, this.offsets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.offsets[middle] <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
