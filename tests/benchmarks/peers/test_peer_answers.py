"""What programs say, read and kept."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyannote.core import Segment

from benchmarks.peers.answers import Answers, Passage, answer_from
from benchmarks.peers.programs import Program
from meeting_app.domain import SpeakerSegment, Word

DOCUMENT = {
    "segments": [
        {"start": 0.0, "end": 2.0, "speaker": "a"},
        {"start": 2.0, "end": 2.0, "speaker": "b"},
    ],
    "passages": [
        {
            "start": 0.5,
            "end": 1.5,
            "words": [{"start": 0.5, "end": 1.0, "text": "Yes.", "probability": 0.5}],
        }
    ],
    "seconds": {"speakers": 3},
}


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound")
    return path


@dataclass(frozen=True)
class Versioned(Program):
    """A program whose version the test chooses."""

    version: str = "1"

    @property
    def fingerprint(self) -> str:
        return self.version * 16


def test_document_becomes_segments_and_words_without_empty_stretches() -> None:
    answer = answer_from(DOCUMENT, peak_memory=5, date="2026-01-01")
    assert answer.segments == (SpeakerSegment(Segment(0.0, 2.0), "a"),)
    assert answer.passages == (Passage(Segment(0.5, 1.5), (Word(Segment(0.5, 1.0), "Yes.", 0.5),)),)
    assert (answer.seconds, answer.peak_memory) == ({"speakers": 3.0}, 5)
    assert answer.date == "2026-01-01"


def test_program_that_writes_no_words_has_no_passages() -> None:
    answer = answer_from({"segments": [], "seconds": {}})
    assert (answer.segments, answer.passages) == ((), None)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"segments": []},
        {"segments": [{"start": 0}], "seconds": {}},
        {"segments": [{"start": "soon", "end": 1, "speaker": "a"}], "seconds": {}},
        {"passages": [{"start": 0, "end": 1}], "seconds": {}},
        {"segments": 3, "seconds": {}},
    ],
)
def test_other_documents_are_no_answers(document: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        answer_from(document)


def test_kept_answer_is_found_in_the_same_run(tmp_path: Path, audio: Path) -> None:
    answers = Answers(tmp_path / "answers")
    assert answers.get(Versioned("p"), audio) is None
    kept = answers.keep(Versioned("p"), audio, DOCUMENT, 5)
    assert answers.get(Versioned("p"), audio) == kept
    assert answers.get(Versioned("another"), audio) is None


def test_answer_of_an_earlier_run_counts_only_when_it_is_resumed(
    tmp_path: Path, audio: Path
) -> None:
    kept = Answers(tmp_path / "answers").keep(Versioned("p"), audio, DOCUMENT, 5)
    assert Answers(tmp_path / "answers").get(Versioned("p"), audio) is None
    assert Answers(tmp_path / "answers", is_resumed=True).get(Versioned("p"), audio) == kept


def test_changed_program_or_sound_is_asked_again(tmp_path: Path, audio: Path) -> None:
    answers = Answers(tmp_path / "answers", is_resumed=True)
    answers.keep(Versioned("p"), audio, DOCUMENT, 5)
    assert answers.get(Versioned("p", version="2"), audio) is None
    audio.write_bytes(b"other sound")
    assert answers.get(Versioned("p"), audio) is None


def test_document_that_is_no_answer_is_not_kept(tmp_path: Path, audio: Path) -> None:
    answers = Answers(tmp_path / "answers", is_resumed=True)
    with pytest.raises(ValueError, match="neither segments nor passages"):
        answers.keep(Versioned("p"), audio, {"seconds": {}}, 5)
    assert answers.get(Versioned("p"), audio) is None


def test_numbers_of_libraries_survive_being_kept(tmp_path: Path, audio: Path) -> None:
    answers = Answers(tmp_path / "answers", is_resumed=True)
    document = json.loads(json.dumps(DOCUMENT))
    assert answers.keep(Versioned("p"), audio, document, 5) == answers.get(Versioned("p"), audio)
