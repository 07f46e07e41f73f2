"""From messages to figures: a meeting of three words, worked out by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Segment, Timeline

from benchmarks.corpora import Passage, Recording, ReferenceWords, Timing
from benchmarks.streaming.captions import Arrival, read_captions
from benchmarks.streaming.figures import (
    LiveScore,
    Load,
    Played,
    figures,
    more_figures,
    score_live,
    table,
)
from benchmarks.streaming.playing import Track, rounds
from benchmarks.streaming.records import ALL, LiveCircumstances, append, to_line
from meeting_app.domain import Meeting, Minutes, SpeakerSegment, Turn, Word

# The keys that a program that reads the last line expects, in this order.
KEYS = [
    "sessions",
    "first_partial_p50_ms",
    "word_emission_p50_ms",
    "word_emission_p95_ms",
    "word_stable_p50_ms",
    "final_p50_ms",
    "final_p95_ms",
    "label_latency_p50_ms",
    "label_flip_rate",
    "revision_rate",
    "lag_slope_ms_per_hour",
    "wer_partial",
    "wer_final",
    "wer_sealed",
    "der_streaming",
    "peak_memory_mb",
]
SPOKEN = (("alpha", 1.0, 1.5, "a"), ("beta", 1.5, 2.0, "a"), ("gamma", 2.5, 3.0, "b"))
RECORDING = Recording(
    "r",
    Path("r.wav"),
    (SpeakerSegment(Segment(1, 2), "a"), SpeakerSegment(Segment(2.5, 3), "b")),
    Timeline([Segment(0, 8)]),
    ReferenceWords(
        Timing.WORD, tuple(Passage(who, Segment(s, e), text) for text, s, e, who in SPOKEN)
    ),
)
CIRCUMSTANCES = LiveCircumstances("2026-01-02T03:04:05+00:00", "abc", "a machine", "client")


def words(*texts: str) -> list[tuple[str, float, float, float]]:
    return [
        (text, start, end, 0.9) for text, (_, start, end, _) in zip(texts, SPOKEN, strict=False)
    ]


def sealed(*texts: str) -> Meeting:
    heard = tuple(Word(Segment(s, e), text, 1.0) for text, s, e, _ in words(*texts))
    return Meeting(
        "r", 8.0, "en", (), RECORDING.speech, (Turn(0, "SPEAKER_00", heard),), (), Minutes()
    )


def played() -> Played:
    messages = (
        (1.7, {"type": "partial", "line": 0, "words": words("alpha", "better")}),
        (3.2, {"type": "partial", "line": 0, "words": words("alpha", "better", "gamma")}),
        (3.5, {"type": "final", "line": 0, "words": words("alpha", "beta", "gamma")}),
        # A second after each moment "a" alone was known; later also "b".
        (1.0, {"type": "voices", "start": 0, "segments": [[1, 3, "X"]], "settled": 0}),
        (4.5, {"type": "voices", "start": 2, "segments": [[2.5, 3, "Y"]], "settled": 3}),
        (4.6, {"type": "speaker", "line": 0, "labels": ["X", "X", "Y"], "settled": True}),
    )
    arrivals = [Arrival(at, message) for at, message in sorted(messages, key=lambda m: m[0])]
    return Played(read_captions(arrivals), (0.01, 0.03), 8.0, sealed("alpha", "beta", "gamma"))


def test_a_meeting_has_the_figures_that_a_hand_finds() -> None:
    found = figures(score_live(RECORDING, played()), Load(1, peak_memory=2_000_000_000))
    assert list(found) == KEYS
    assert found == {
        "sessions": 1,
        # Onsets 1.0 (text at 1.7) and 2.5 (at 3.2).
        "first_partial_p50_ms": pytest.approx(700),
        # alpha 0.2, beta 1.5 with the second pass, gamma 0.2.
        "word_emission_p50_ms": pytest.approx(200),
        "word_emission_p95_ms": pytest.approx(1370),
        "word_stable_p50_ms": pytest.approx(200),
        "final_p50_ms": pytest.approx(500),
        "final_p95_ms": pytest.approx(500),
        "label_latency_p50_ms": pytest.approx(2600),  # 3.1, 2.6, 1.6
        "label_flip_rate": 0.0,
        "revision_rate": 0.0,
        "lag_slope_ms_per_hour": None,
        "wer_partial": pytest.approx(1 / 3, abs=1e-4),
        "wer_final": 0.0,
        "wer_sealed": 0.0,
        # 3 s after it was said all was known as it is: only 1.0 to 1.5 was looked at before 4.5.
        "der_streaming": 0.0,
        "peak_memory_mb": 2000,
    }


def test_what_explains_the_figures_is_kept_too() -> None:
    found = more_figures(score_live(RECORDING, played()), Load(1, cores={"serve": 0.25}))
    assert found["words_matched"] == 1.0
    assert found["first_pass_matched"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["first_pass_emission_p95_ms"] == pytest.approx(200)
    # 1 s after it was said, "b" was still taken for "a", and 2.0 to 2.5 for speech: 1 s of 1.5 s.
    assert found["der_after_1s"] == pytest.approx(1 / 1.5, abs=1e-4)
    assert (found["der_after_3s"], found["der_at_the_end"], found["der_sealed"]) == (0, 0, 0)
    assert (found["ack_p50_ms"], found["cores"], found["cores_serve"]) == (20.0, 0.25, 0.25)


def test_scores_add_up_and_nothing_has_no_figures() -> None:
    one = score_live(RECORDING, played())
    assert figures(one + one, Load(1))["wer_partial"] == figures(one, Load(1))["wer_partial"]
    assert (one + one).words_partial.num_words == 6
    nothing = figures(LiveScore(), Load(4))
    assert nothing == dict.fromkeys(KEYS) | {"sessions": 4, "peak_memory_mb": 0}


def test_the_heavier_of_two_rounds_is_kept() -> None:
    both = Load(2, 5, 4, cores={"serve": 0.1, "worker": 0.5}) | Load(2, 7, 3, cores={"serve": 0.2})
    assert both == Load(2, 7, 4, cores={"serve": 0.2, "worker": 0.5})


def test_a_table_has_a_line_for_each_recording_and_one_for_all() -> None:
    rows = table({"r": score_live(RECORDING, played())}, Load(1)).splitlines()
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| r", "| **all**"]
    assert rows[2].split(" | ")[2:4] == ["200", "1370"]


def test_a_result_says_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "live" / "today.jsonl"
    for name in ("r", ALL):
        append([to_line(name, "reference", (LiveScore(), Load(2)), CIRCUMSTANCES)], path)
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert (first["file"], second["file"], first["sessions"]) == ("r", "all", 2)
    assert (first["clock"], first["circumstances"]["mode"]) == ("reference", "client")


def test_every_recording_is_played_and_every_session_busy() -> None:
    tracks = [Track(RECORDING, np.zeros(n, np.int16)) for n in (1, 2, 3)]
    assert [[len(t.samples) for t in batch] for batch in rounds(tracks, 2)] == [[1, 2], [3, 1]]
    assert [[len(t.samples) for t in batch] for batch in rounds(tracks, 4)] == [[1, 2, 3, 1]]
