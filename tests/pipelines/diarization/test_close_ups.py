"""Whom moments sound like.

The sound of a speaker is one number, and the fake network turns numbers into directions: 1 is the
first axis, 2 the second, and so on.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from pyannote.core import Annotation, Segment

from meeting_app.domain import SAMPLE_RATE, Waveform
from pipelines.diarization.close_ups import CloseUps, samples_of
from pipelines.diarization.embedding import DIMENSION, TrunkFrames

SILENCE, ANN, BOB = 0.0, 1.0, 2.0


@dataclass
class FakeEmbedder:
    batches: list[int] = field(default_factory=list)  # stretches in each call of the trunk

    def features(self, samples):
        return torch.from_numpy(np.array(samples[:: SAMPLE_RATE // 100]))[:, None]

    def trunks(self, features):
        self.batches.append(len(features))
        return tuple(TrunkFrames(own, own) for own in features)

    def pool(self, trunk, rows):
        embedding = np.zeros(DIMENSION, np.float32)
        for value in trunk.frames[torch.from_numpy(rows), 0].tolist():
            embedding[int(value)] += 1
        return embedding


def sound(*parts: tuple[float, float]) -> Waveform:
    """Of (seconds, what is heard) one after the other."""
    pieces = [np.full(round(length * SAMPLE_RATE), value) for length, value in parts]
    return Waveform(np.concatenate(pieces).astype(np.float32))


def annotation(*heard: tuple[float, float, str]) -> Annotation:
    found = Annotation()
    for track, (start, end, label) in enumerate(heard):
        found[Segment(start, end), track] = label
    return found


@contextmanager
def workers(count: int = 1) -> Iterator[Executor]:
    with ThreadPoolExecutor(count) as executor:
        yield executor


def spans(annotated: Annotation, label: str) -> list[tuple[float, float]]:
    return [(piece.start, piece.end) for piece in samples_of(annotated, label)]


DIALOGUE = sound((4, ANN), (2, BOB), (2, ANN))
HEARD = annotation((0, 4, "ann"), (4, 6, "bob"), (6, 8, "ann"))


def test_sound_is_like_the_voice_that_is_heard_in_it() -> None:
    look = CloseUps(DIALOGUE, HEARD, FakeEmbedder(), workers)
    assert look(np.array([1.0, 5.0]), ["ann", "bob"]) == pytest.approx(np.eye(2))


def test_columns_are_those_that_were_asked_for() -> None:
    look = CloseUps(DIALOGUE, HEARD, FakeEmbedder(), workers)
    assert look(np.array([5.0]), ["bob", "ann"]).tolist() == [[1.0, 0.0]]
    assert look(np.array([5.0]), ["ann"]).tolist() == [[0.0]]
    assert look(np.array([5.0]), []).shape == (1, 0)


def test_where_two_voices_meet_both_are_heard() -> None:
    look = CloseUps(DIALOGUE, HEARD, FakeEmbedder(), workers)
    # Every other of 50 frames: 13 of Ann and 12 of Bob, who begins with the 26th.
    length = np.hypot(13, 12)
    assert look(np.array([4.0]), ["ann", "bob"])[0] == pytest.approx([13 / length, 12 / length])


def test_nothing_is_listened_to_before_it_is_asked() -> None:
    embedder = FakeEmbedder()
    CloseUps(DIALOGUE, HEARD, embedder, workers)
    assert embedder.batches == []


def test_voices_are_learnt_once() -> None:
    embedder = FakeEmbedder()
    look = CloseUps(DIALOGUE, HEARD, embedder, workers)
    look(np.array([1.0]), ["ann", "bob"])
    before = len(embedder.batches)
    look(np.array([2.0]), ["ann", "bob"])
    assert embedder.batches[before:] == [1]


def test_looks_go_through_the_trunk_sixteen_at_a_time() -> None:
    embedder = FakeEmbedder()
    CloseUps(DIALOGUE, HEARD, embedder, workers)(np.linspace(1, 3, 20), [])
    assert embedder.batches == [16, 4]


def test_progress_rises_with_the_looks() -> None:
    reported: list[float] = []
    look = CloseUps(DIALOGUE, HEARD, FakeEmbedder(), workers, reported.append)
    look(np.linspace(1, 3, 200), ["ann", "bob"])
    assert reported == pytest.approx([8 / 13, 1])  # 200 looks are 13 batches, begun by eights


def test_beside_the_recording_nothing_is_known() -> None:
    look = CloseUps(DIALOGUE, HEARD, FakeEmbedder(), workers)
    assert np.isnan(look(np.array([8.2, 20.0, -1.0]), ["ann"])).all()


def test_speaker_who_is_never_alone_is_not_known() -> None:
    crowd = annotation((0, 4, "ann"), (1, 2, "bob"))
    found = CloseUps(DIALOGUE, crowd, FakeEmbedder(), workers)(np.array([3.0]), ["ann", "bob"])
    assert found[0, 0] == pytest.approx(1.0)
    assert np.isnan(found[0, 1])


def test_number_of_workers_changes_nothing() -> None:
    times = np.linspace(0.5, 7.5, 40)
    one, four = (
        CloseUps(DIALOGUE, HEARD, FakeEmbedder(), lambda n=n: workers(n))(times, ["ann", "bob"])
        for n in (1, 4)
    )
    assert np.array_equal(one, four)


def test_samples_are_where_a_speaker_is_alone() -> None:
    heard = annotation((0, 3, "A"), (1, 2, "B"))
    assert spans(heard, "A") == [(0, 1), (2, 3)]
    assert spans(heard, "B") == []


def test_long_stretches_are_cut_evenly() -> None:
    assert spans(annotation((0, 3, "A")), "A") == [(0, 1.5), (1.5, 3)]
    assert spans(annotation((0, 2, "A")), "A") == [(0, 1), (1, 2)]


def test_less_than_half_a_second_is_no_sample() -> None:
    assert spans(annotation((0, 0.4, "A"), (1, 1.6, "A")), "A") == [(1, 1.6)]


def test_eight_samples_come_from_all_over_the_recording() -> None:
    found = spans(annotation((0, 30, "A")), "A")
    assert [start for start, _ in found] == [0, 4.5, 7.5, 12, 16.5, 21, 24, 28.5]


def test_longest_samples_are_preferred() -> None:
    short = [(100.0 + 2 * i, 100.6 + 2 * i, "A") for i in range(5)]
    found = spans(annotation((0, 12, "A"), *short), "A")
    assert found == [(1.5 * i, 1.5 * i + 1.5) for i in range(8)]
