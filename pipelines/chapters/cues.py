"""What people do when they change the topic: announce it, pause, hand over the floor."""

import re
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from meeting_app.domain import Turn
from pipelines.wording import words_of

# Each weight is about the logarithm of how much more often the cue is seen at a change of topic
# than elsewhere, in AMI and QMSum meetings; ANNOUNCEMENT for example 4 to 5 times.
_OPENING_WEIGHT = 1.1
_ANNOUNCEMENT_WEIGHT = 1.6
_LONG_TURN_WEIGHT = 0.5
_PAUSE_WEIGHT = 1.2  # per logarithm of seconds
_FLOOR_WEIGHT = 2.0
# The share of the floor that changes hands at any turn, topic or not.
_USUAL_FLOOR_CHANGE = 0.3

_LONG_TURN = 20  # words
_FLOOR_TURNS = 12  # turns looked at on either side
_HEAD_WORDS = 40  # the start of a turn, where a change is announced

_FILLED = r"(?:(?:um|uh|yeah|mm|hmm|right|so|well|and|but|oh|'?kay)[,.]? )*"
_OPENING = re.compile(
    rf"^{_FILLED}(?:(?:okay|ok|'?kay|right|alright|all right|so|now|anyway|well then)\b)"
    r"|^(?:嗯|呃|对|啊)?[,，]?(?:好的?|那么?|行)[,，。]?",
    re.IGNORECASE,
)
_ANNOUNCEMENT = re.compile(
    r"\b(?:next|move on|moving on|moving to|agenda|let's|presentation|meeting|start|first|finally"
    r"|last|wrap up|finish|another (?:thing|issue|point)|back to|the other|question|summari[sz]e"
    r"|minutes left|item)\b|接下来|下一[个项]|首先|最后|议题|议程|开始|回到|另一个|总结",
    re.IGNORECASE,
)


def boundary_evidence(turns: Sequence[Turn]) -> np.ndarray:
    """How much speaks for a new topic before each turn, apart from what it is about.

    Returns:
        (num_turns,) float64, nats; about the logarithm of a likelihood ratio.
    """
    texts = [" ".join(turn.text.split()[:_HEAD_WORDS]) for turn in turns]
    num_words = np.array([len(words_of(turn.text)) for turn in turns])
    evidence = (
        _OPENING_WEIGHT * np.array([bool(_OPENING.search(text)) for text in texts])
        + _ANNOUNCEMENT_WEIGHT * np.array([bool(_ANNOUNCEMENT.search(text)) for text in texts])
        + _LONG_TURN_WEIGHT * (num_words > _LONG_TURN)
        + _PAUSE_WEIGHT * np.log1p(_pauses(turns))
        + _FLOOR_WEIGHT * (_floor_change(turns, num_words) - _USUAL_FLOOR_CHANGE)
    )
    return np.asarray(evidence, dtype=np.float64)


def _pauses(turns: Sequence[Turn]) -> np.ndarray:
    """Silence before each turn, seconds; (num_turns,) float64."""
    ends = list(accumulate((turn.segment.end for turn in turns), max))
    starts = [turn.segment.start for turn in turns]
    silence = np.array(starts) - np.array([starts[0], *ends[:-1]])
    return np.asarray(np.maximum(0.0, silence))


def _floor_change(turns: Sequence[Turn], num_words: np.ndarray) -> np.ndarray:
    """Share of the talk that is other people's after than before each turn; (num_turns,) 0..1."""
    speakers = sorted({turn.speaker or "" for turn in turns})
    said = np.zeros((len(turns) + 1, len(speakers)))
    for index, turn in enumerate(turns):
        said[index + 1, speakers.index(turn.speaker or "")] = num_words[index]
    before_turn = np.cumsum(said, axis=0)  # (num_turns + 1, num_speakers)
    middle = np.arange(len(turns))
    first = np.maximum(0, middle - _FLOOR_TURNS)
    last = np.minimum(len(turns), middle + _FLOOR_TURNS)
    before = _shares(before_turn[middle] - before_turn[first])
    after = _shares(before_turn[last] - before_turn[middle])
    return np.asarray(1.0 - np.minimum(before, after).sum(axis=1))


def _shares(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0))
