"""Recordings as the pipeline hears them, and meetings made of them with the wrong speakers."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pyannote.core import Segment, Timeline

from benchmarks.corpora import Recording
from benchmarks.networks import networks_of
from benchmarks.workbench.speaker_words import Reference
from meeting_app.bootstrap import Application
from meeting_app.domain import (
    Meeting,
    Minutes,
    Speaker,
    SpeakerCount,
    SpeakerSegment,
    Transcript,
    Turn,
    VoiceEvidence,
    Word,
    speaker_segments_of,
)
from pipelines.audio import decode_media
from pipelines.diarization.decision import Heard, decide
from pipelines.diarization.offline import evidence_of

WRONG_COUNTS = (3, 7)  # speakers that the clustering is told to find
SHARE_GIVEN_AWAY = 0.22  # of the turns of a speaker
SEEDS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Listened:
    """What the networks make of a recording; nothing is decided yet."""

    recording: Recording
    heard: Heard
    speech: Timeline
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Case:
    """A meeting to be corrected."""

    recording: str
    name: str
    meeting: Meeting
    evidence: VoiceEvidence
    reference: Reference


def listen(app: Application, recording: Recording) -> Listened:
    """Runs speech detection, the networks of the diarization, and recognition.

    Raises:
        MeetingAppError: a model or the recording cannot be had.
    """
    detector, diarizer = networks_of(app)
    with tempfile.TemporaryDirectory() as folder:
        sound = decode_media(recording.audio, Path(folder) / "sound", recording.audio.name)
        speech = detector(sound)
        heard = diarizer.listen(sound)
        found = decide(heard, speech, SpeakerCount(), app.config.diarization)
        where = speech.union(found.get_timeline()).support()
        transcript = app.pipeline.stages.recognizer(None)(sound, where)
    return Listened(recording, heard, speech, transcript)


def meeting_of(app: Application, listened: Listened, count: SpeakerCount) -> Meeting:
    """Who said what, when ``count`` is known of the speakers; neither chapters nor minutes."""
    found = decide(listened.heard, listened.speech, count, app.config.diarization)
    turns = app.pipeline.stages.attributor()(listened.transcript, found)
    return Meeting(
        title=listened.recording.name,
        duration=listened.heard.duration,
        language=listened.transcript.language,
        speakers=tuple(Speaker(label) for label in sorted(map(str, found.labels()))),
        speaker_segments=speaker_segments_of(found),
        turns=turns,
        chapters=(),
        minutes=Minutes(),
    )


def cases_of(app: Application, listened: Listened) -> Iterator[Case]:
    """The meeting as it was found, and mis-clustered in several ways."""
    found = meeting_of(app, listened, SpeakerCount())
    made = {"as found": found, **spoilt(found)}
    for count in WRONG_COUNTS:
        made[f"{count} speakers"] = meeting_of(app, listened, SpeakerCount.exactly(count))
    evidence = evidence_of(listened.heard.sliding)
    reference = Reference.of(listened.recording.speech)
    for name, meeting in made.items():
        yield Case(listened.recording.name, name, meeting, evidence, reference)


def repeated(case: Case, duration: float) -> Case:
    """The same meeting again and again, until it lasts ``duration`` seconds or a little longer."""
    once, evidence, reference = case.meeting, case.evidence, case.reference
    times = max(1, -(-int(duration) // int(once.duration)))
    shifts = [number * once.duration for number in range(times)]
    ids = 1 + max((turn.id for turn in once.turns), default=0)
    meeting = replace(
        once,
        duration=times * once.duration,
        turns=tuple(
            Turn(turn.id + number * ids, turn.speaker, _later(turn.words, shift))
            for number, shift in enumerate(shifts)
            for turn in once.turns
        ),
        speaker_segments=tuple(
            SpeakerSegment(_shifted(item.segment, shift), item.speaker)
            for shift in shifts
            for item in once.speaker_segments
        ),
    )
    longer = VoiceEvidence(
        evidence.model,
        np.concatenate([evidence.times + shift for shift in shifts]),
        np.tile(evidence.embeddings, (times, 1)),
        np.tile(evidence.durations, times),
    )
    return replace(case, meeting=meeting, evidence=longer, reference=reference.repeated(shifts))


def _later(words: Sequence[Word], shift: float) -> tuple[Word, ...]:
    return tuple(replace(word, segment=_shifted(word.segment, shift)) for word in words)


def _shifted(segment: Segment, shift: float) -> Segment:
    return Segment(segment.start + shift, segment.end + shift)


def spoilt(meeting: Meeting, seeds: Sequence[int] = SEEDS) -> dict[str, Meeting]:
    """The meeting with its speakers mixed up, in four ways for each seed."""
    return {
        f"{way.__name__} {seed}": way(meeting, random.Random(seed))  # noqa: S311 - no secret
        for seed in seeds
        for way in (merged, halved, given_away, scattered)
    }


def merged(meeting: Meeting, chance: random.Random) -> Meeting:
    """Two speakers are one."""
    one, other = chance.sample(_labels(meeting), 2)
    return _relabelled(meeting, {turn.id: one for turn in _turns_of(meeting, other)})


def halved(meeting: Meeting, chance: random.Random) -> Meeting:
    """Half of the turns of a speaker are somebody else's who is not there."""
    turns = _turns_of(meeting, chance.choice(_talkative(meeting)))
    chosen = chance.sample(turns, len(turns) // 2)
    return _relabelled(meeting, {turn.id: f"SPEAKER_{len(meeting.speakers):02}" for turn in chosen})


def given_away(meeting: Meeting, chance: random.Random) -> Meeting:
    """A fifth to a quarter of the turns of a speaker, at least one, are another's."""
    label = chance.choice(_talkative(meeting))
    other = chance.choice([other for other in _labels(meeting) if other != label])
    return _relabelled(meeting, {turn.id: other for turn in _some_of(meeting, label, chance)})


def scattered(meeting: Meeting, chance: random.Random) -> Meeting:
    """A fifth to a quarter of the turns of each speaker are anybody else's."""
    labels = _labels(meeting)
    return _relabelled(
        meeting,
        {
            turn.id: chance.choice([other for other in labels if other != label])
            for label in labels
            for turn in _some_of(meeting, label, chance)
        },
    )


def _labels(meeting: Meeting) -> list[str]:
    return sorted({turn.speaker for turn in meeting.turns if turn.speaker is not None})


def _talkative(meeting: Meeting) -> list[str]:
    """Who has at least two turns."""
    return [label for label in _labels(meeting) if len(_turns_of(meeting, label)) > 1]


def _turns_of(meeting: Meeting, label: str) -> list[Turn]:
    return [turn for turn in meeting.turns if turn.speaker == label]


def _some_of(meeting: Meeting, label: str, chance: random.Random) -> list[Turn]:
    turns = _turns_of(meeting, label)
    return chance.sample(turns, max(1, round(SHARE_GIVEN_AWAY * len(turns))))


def _relabelled(meeting: Meeting, owners: dict[int, str]) -> Meeting:
    """The meeting with some turns, and what is heard in them, given to others."""
    turns = tuple(replace(t, speaker=owners.get(t.id, t.speaker)) for t in meeting.turns)
    segments = tuple(
        SpeakerSegment(turn.segment, turn.speaker) for turn in turns if turn.speaker is not None
    )
    labels = sorted({turn.speaker for turn in turns if turn.speaker is not None})
    speakers = tuple(Speaker(label) for label in labels)
    return replace(meeting, turns=turns, speakers=speakers, speaker_segments=segments)
