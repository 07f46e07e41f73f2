"""How long searches take in a large library, and how much its indexes weigh.

    python -m benchmarks.workbench.searching --meetings 500 --words 10000

builds a made-up library through the real storage, a few minutes for five million words, and asks
it some hundreds of questions of both kinds. The questions by meaning are embedded within the time
that is measured. Only passages in which somebody says something are embedded by the model; those
of filler have random vectors, because what is compared with a question does not change how long
the comparison takes. With ``--qmsum FILE`` it also says how often sentences of a summary find the
meeting that they summarise; that file is not part of this project.
"""

import argparse
import gzip
import hashlib
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from pyannote.core import Segment

from benchmarks.workbench.made_library import NAMES, TITLES, TOPICS, meetings, vocabulary
from meeting_app.bootstrap import SENTENCE_MODEL, Application
from meeting_app.config import load_config
from meeting_app.domain import (
    EVERYTHING,
    ProcessingOptions,
    Recording,
    SearchFilters,
    Turn,
    Word,
    passages_of,
)
from pipelines.lazy_query_encoder import LazyQueryEncoder
from pipelines.protocols import QueryEncoder
from storage.repository import DATABASE_NAME, Embed, Question, Repository, Submission

_DIMENSION = 384
_SEED = 6
_NUM_QUERIES = 300
_LIMIT = 50, 10  # hits by words and by meaning, as the page asks for them
_INDEXES = ("turns_fts%", "names_fts%", "passages%")
_CHECKPOINTS = 0.25, 0.5, 1.0  # shares of the library at which the indexes are weighed


def fill(
    repository: Repository, count: int, num_words: int, embed: Embed, tell: Callable[[int], None]
) -> None:
    """Stores made-up meetings as workers do; ``tell`` is called with the number after each."""
    for number, meeting in enumerate(meetings(count, num_words, _SEED), start=1):
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        recording = Recording(sha256, f"{number}.wav", 1, "wav", "pcm", meeting.duration)
        repository.submit(Submission(recording, meeting.title, ProcessingOptions()))
        claim = repository.claim(lease=60.0, max_attempts=1)
        if claim is None:
            raise LookupError("the library has other jobs; give it an empty folder")
        repository.finish(claim, meeting)
        repository.read_next_passages(embed)
        if number % 5 == 0:
            repository.tag([claim.job.meeting_id], ["fifth"])
        tell(number)


def partly(embed: Embed) -> Embed:
    """Embeds passages with a topic in them; the others get random vectors of norm one."""
    generator = np.random.default_rng(_SEED)
    said = tuple(sentence for sentence, _ in TOPICS)

    def embedded(texts: Sequence[str]) -> np.ndarray:
        vectors = generator.standard_normal((len(texts), _DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        meant = [i for i, text in enumerate(texts) if any(s in text for s in said)]
        if meant:
            vectors[meant] = embed([texts[i] for i in meant])
        return vectors

    return embedded


def word_queries(count: int) -> list[tuple[str, SearchFilters]]:
    """Frequent and rare words, beginnings, names, titles and topics, some of them filtered."""
    generator = np.random.default_rng(_SEED)
    words = vocabulary(_SEED).words
    kinds: tuple[Callable[[], str], ...] = (
        lambda: words[generator.integers(20)],
        lambda: words[generator.integers(2000)],
        lambda: words[generator.integers(len(words))],
        lambda: f"{words[generator.integers(50)]} {words[generator.integers(500)]}",
        lambda: " ".join(words[i] for i in generator.integers(100, size=3)),
        lambda: words[generator.integers(300)][: generator.integers(2, 5)],
        lambda: str(generator.choice(NAMES)),
        lambda: f"{generator.choice(NAMES)} {words[generator.integers(100)]}",
        lambda: str(generator.choice(TITLES)),
        lambda: " ".join(TOPICS[generator.integers(len(TOPICS))][0].split()[2:5]),
    )
    return [(kinds[i % len(kinds)](), _some_filter(i // len(kinds))) for i in range(count)]


def meaning_queries(count: int) -> list[tuple[str, SearchFilters]]:
    """What topics mean, asked in different ways, some of them filtered."""
    asked = ("{}", "what did we say about {}", "who talked of {} last time", "decisions on {}")
    return [
        (
            asked[i // len(TOPICS) % len(asked)].format(TOPICS[i % len(TOPICS)][1]),
            _some_filter(i // len(TOPICS)),
        )
        for i in range(count)
    ]


def _some_filter(number: int) -> SearchFilters:
    """None for one query in two; else one after the other."""
    some = (SearchFilters(tags=("fifth",)), SearchFilters(speaker=NAMES[number % len(NAMES)]))
    return EVERYTHING if number % 2 == 0 else some[number // 2 % len(some)]


def latencies_ms(
    ask: Callable[[str, SearchFilters], object], queries: Iterable[tuple[str, SearchFilters]]
) -> dict[str, float]:
    """p50 and p95 of the time of one query, ms."""
    times = []
    for query, filters in queries:
        start = time.perf_counter()
        ask(query, filters)
        times.append(1000 * (time.perf_counter() - start))
    return {f"p{p}": round(float(np.percentile(times, p)), 1) for p in (50, 95)}


def index_bytes(home: Path) -> int:
    """What the indexes of both kinds take in the database."""
    database = sqlite3.connect(home / DATABASE_NAME)
    try:
        named = " OR ".join(["name LIKE ?"] * len(_INDEXES))
        query = f"SELECT sum(pgsize) FROM dbstat WHERE {named}"  # noqa: S608 - constants only
        return int(database.execute(query, _INDEXES).fetchone()[0])
    finally:
        database.close()


def by_meaning(repository: Repository, encode: QueryEncoder, least: float) -> Callable[..., object]:
    """A search by meaning, the embedding of the query included."""

    def ask(query: str, filters: SearchFilters) -> object:
        question = Question(query, encode(query), least)
        return repository.search_alike(question, _LIMIT[1], filters)

    return ask


def share_found(embed: Embed, path: Path, top: Sequence[int] = (1, 3, 5)) -> dict[str, float]:
    """How often a sentence of a summary finds its meeting among the ``top`` most alike."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        known = [json.loads(line) for line in file]
    vectors = [embed([p.text for p in passages_of(_turns(item["turns"]))]) for item in known]
    ranks = []
    for number, item in enumerate(known):
        sentences = [s.strip() for s in " ".join(item["general_summary"]).split(". ") if s.strip()]
        for query in embed(sentences):
            best = [float((passages @ query).max()) for passages in vectors]
            ranks.append(sum(likeness > best[number] for likeness in best))
    return {f"top{k}": round(sum(rank < k for rank in ranks) / len(ranks), 3) for k in top} | {
        "num_sentences": len(ranks),
        "num_meetings": len(known),
    }


def _turns(items: Sequence[dict[str, str]]) -> list[Turn]:
    turns, start = [], 0.0
    for number, item in enumerate(item for item in items if item["text"].split()):
        texts = item["text"].split()
        words = tuple(Word(Segment(start + i, start + i + 1), w, 1.0) for i, w in enumerate(texts))
        turns.append(Turn(number, item["speaker"], words))
        start += len(texts)
    return turns


def measure(home: Path, count: int, num_words: int) -> dict[str, object]:
    """Fills the library in ``home`` and asks it."""
    app = Application(load_config(None))
    repository = Repository.open(home)
    weighed: dict[int, int] = {}

    def tell(number: int) -> None:
        if number in {round(count * share) for share in _CHECKPOINTS}:
            weighed[number] = index_bytes(home)

    start = time.perf_counter()
    fill(repository, count, num_words, partly(app.embedder), tell)
    built = time.perf_counter() - start
    encode = LazyQueryEncoder(lambda: app.weights.get(SENTENCE_MODEL))
    ask = by_meaning(repository, encode, app.config.search.min_likeness)
    start = time.perf_counter()
    ask("the very first question", EVERYTHING)
    cold = time.perf_counter() - start
    words = latencies_ms(
        lambda query, filters: repository.search(query, _LIMIT[0], filters),
        word_queries(_NUM_QUERIES),
    )
    meaning = latencies_ms(ask, meaning_queries(_NUM_QUERIES))
    repository.close()
    return {
        "num_meetings": count,
        "num_words": count * num_words,
        "num_queries": _NUM_QUERIES,
        "search_words_p50_ms": words["p50"],
        "search_words_p95_ms": words["p95"],
        "search_meaning_p50_ms": meaning["p50"],
        "search_meaning_p95_ms": meaning["p95"],
        "search_meaning_cold_ms": round(1000 * cold, 1),
        "index_bytes": weighed,
        "build_seconds": round(built, 1),
    }


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--meetings", type=int, default=500)
    parser.add_argument("--words", type=int, default=10_000, help="of each meeting")
    parser.add_argument("--home", type=Path, help="an empty folder; else a temporary one")
    parser.add_argument("--qmsum", type=Path, help="meetings with summaries, .jsonl.gz")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.home or Path(folder), options.meetings, options.words)
    if options.qmsum is not None:
        embedder = Application(load_config(None)).embedder
        found["meaning_found"] = share_found(embedder, options.qmsum)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
