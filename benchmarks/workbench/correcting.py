"""How fast speakers are put right, and how much is learnt from the first corrections.

    python -m benchmarks.workbench.correcting DATA [--only NAME …]

The pipeline hears each recording once. Its meeting is then mis-clustered in several ways, and a
user who knows the reference corrects each by the best action there is (merge, split, give a
passage to another, accept what is proposed) until fewer than 5 % of the recognised words have a
wrong speaker. Apart from that, three passages are given to who said them, and what is proposed
then is scored on all other words.

A table goes to stderr; the last line on stdout is one JSON object. Words under overlap are right
with either speaker.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyannote.core import Segment

from benchmarks import markdown
from benchmarks.corpora import read_corpus
from benchmarks.run import chosen
from benchmarks.workbench.misclustered import Case, cases_of, listen, repeated
from benchmarks.workbench.scripted_user import Desk, best_action, largest_reassignment
from benchmarks.workbench.speaker_words import SpeakerErrors
from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from meeting_app.domain.corrections import Correction
from meeting_app.errors import MeetingAppError
from pipelines.diarization.reclustering import VoiceReclusterer
from pipelines.protocols import Reclusterer

GOOD_ENOUGH = 0.05  # share of the words with a wrong speaker
MAX_ACTIONS = 15
NUM_LESSONS = 3  # passages given to who said them before the rest is looked at
LONG = 4 * 3600.0  # seconds
RECORDINGS = ("sim_5spk", "spoken_ES2004a")


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a user needed for one case."""

    errors: tuple[SpeakerErrors, ...]  # before the first action, and after each
    actions: tuple[str, ...]
    before: SpeakerErrors  # on words that no lesson touched, before the first lesson
    after: SpeakerErrors  # on the same, once what is proposed is accepted
    propose_seconds: float

    @property
    def num_actions(self) -> int:
        """Actions until few enough words are wrong; one more than allowed when they stay many."""
        good = (n for n, errors in enumerate(self.errors) if errors.rate < GOOD_ENOUGH)
        return next(good, MAX_ACTIONS + 1)

    @property
    def fall(self) -> float | None:
        """Relative fall of the error on the rest, 0..1; None where nothing was wrong there."""
        return 1 - self.after.num_wrong / self.before.num_wrong if self.before.num_wrong else None


def correct(case: Case, reclusterer: Reclusterer) -> Corrected:
    """Corrects one case in both ways."""
    desk = Desk(case, reclusterer)
    errors = [desk.errors()]
    while errors[-1].rate >= GOOD_ENOUGH and len(desk.done) < MAX_ACTIONS:
        action = best_action(desk)
        if action is None:
            break
        desk.do(action)
        errors.append(desk.errors())
    before, after, seconds = teach(case, reclusterer)
    return Corrected(tuple(errors), tuple(map(_name, desk.done)), before, after, seconds)


def teach(case: Case, reclusterer: Reclusterer) -> tuple[SpeakerErrors, SpeakerErrors, float]:
    """Errors on the rest before the lessons and after what they teach; seconds to find that."""
    desk = Desk(case, reclusterer)
    touched: set[Segment] = set()
    for _ in range(NUM_LESSONS):
        lesson = largest_reassignment(desk)
        if lesson is None:
            break
        touched |= _words_of(desk, lesson.passages[0].segment, lesson.passages[0].speaker)
        desk.do(lesson)
    before = Desk(case, reclusterer).errors(frozenset(touched))
    began = time.perf_counter()
    proposal = desk.proposal()
    seconds = time.perf_counter() - began
    if proposal is not None:
        desk.do(proposal)
    return before, desk.errors(frozenset(touched)), seconds


def _words_of(desk: Desk, segment: Segment, speaker: str | None) -> set[Segment]:
    return {
        word.segment
        for turn in desk.meeting.turns
        if turn.speaker == speaker
        for word in turn.words
        if segment.start <= (word.segment.start + word.segment.end) / 2 < segment.end
    }


def _name(correction: Correction) -> str:
    return type(correction).__name__


def table(rows: Sequence[tuple[Case, Corrected]]) -> str:
    """Markdown: a line for each case, errors in percent of the words."""
    heads = ("recording", "case", "error", "actions", "left", "done", "rest", "taught", "ms")
    lines = []
    for case, found in rows:
        lines.append(
            [
                case.recording,
                case.name,
                _percent(found.errors[0]),
                str(found.num_actions),
                _percent(found.errors[-1]),
                ", ".join(found.actions) or "–",
                f"{found.before.num_wrong}",
                f"{found.after.num_wrong}",
                f"{1000 * found.propose_seconds:.0f}",
            ]
        )
    return markdown.table(heads, lines)


def figures(rows: Sequence[tuple[Case, Corrected]]) -> dict[str, float | int]:
    """The worst of all cases; the fall of the error on the rest is pooled over them."""
    results = [found for _, found in rows]
    spoilt = [found for case, found in rows if case.name != "as found"]
    before = sum((found.before for found in spoilt), SpeakerErrors())
    after = sum((found.after for found in spoilt), SpeakerErrors())
    falls = [found.fall for found in spoilt if found.fall is not None]
    return {
        "correction_actions": max(found.num_actions for found in results),
        "correction_error": round(max(found.errors[-1].rate for found in results), 4),
        "correction_error_as_found": round(
            max(f.errors[0].rate for c, f in rows if c.name == "as found"), 4
        ),
        "teaching_fall": round(1 - after.num_wrong / max(1, before.num_wrong), 3),
        "teaching_fall_worst": round(min(falls, default=0.0), 3),
        "teaching_seconds": round(max(found.propose_seconds for found in results), 3),
    }


def _percent(errors: SpeakerErrors) -> str:
    return f"{100 * errors.rate:.1f}"


def seconds_for(case: Case, duration: float, reclusterer: Reclusterer) -> float:
    """How long a proposal takes when the meeting lasts ``duration`` seconds."""
    return teach(repeated(case, duration), reclusterer)[2]


def measure(data: Path, names: Sequence[str]) -> list[tuple[Case, Corrected]]:
    """Corrects all cases of the recordings.

    Raises:
        MeetingAppError: a model or a recording cannot be had.
    """
    app = Application(load_config(None))
    reclusterer = VoiceReclusterer()
    return [
        (case, correct(case, reclusterer))
        for recording in chosen(read_corpus(data), names)
        for case in cases_of(app, listen(app, recording))
    ]


def main() -> int:
    """Correct the recordings of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument(
        "--only", action="append", default=[], help="recordings with this in their name; repeatable"
    )
    options = parser.parse_args()
    try:
        rows = measure(options.data, options.only or RECORDINGS)
    except (MeetingAppError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(table(rows), file=sys.stderr)
    longest = max((case for case, _ in rows), key=lambda case: len(case.evidence.times))
    seconds = seconds_for(longest, LONG, VoiceReclusterer())
    print(json.dumps(figures(rows) | {"teaching_seconds_4h": round(seconds, 3)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
