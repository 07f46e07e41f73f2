"""Turns and chapters become minutes."""

from pyannote.core import Segment

from meeting_app.config import MinutesConfig
from meeting_app.domain import Chapter, Minutes
from pipelines.minutes.writer import ExtractiveMinutesWriter
from tests.pipelines.bag_of_words import embed, talk

TURNS = talk(
    ("A", "The rubber case keeps the remote control safe when it falls."),
    ("B", "We decided to use a rubber case."),
    ("A", "I'll send the case drawings by Friday."),
    ("B", "Solar panels on the roof pay for the whole office building."),
)
CHAPTERS = (
    Chapter(Segment(0.0, 30.0), "Case", ()),
    Chapter(Segment(30.0, 40.0), "Roof", ()),
)


def test_every_chapter_is_summarised_and_every_line_proven() -> None:
    minutes = ExtractiveMinutesWriter(embed)(TURNS, CHAPTERS)
    assert [line.evidence for line in minutes.summary] == [(0,), (3,)]
    assert [line.evidence for line in minutes.decisions] == [(1,)]
    (item,) = minutes.action_items
    assert (item.owner, item.due, item.evidence) == ("A", "by Friday", (2,))


def test_number_of_lines_per_chapter_is_configurable() -> None:
    turns = talk(*[("A", turn.text) for turn in TURNS[:1]] * 20)
    chapters = (Chapter(Segment(0.0, 200.0), "Case", ()),)
    config = MinutesConfig(sentences_per_chapter=2)
    assert len(ExtractiveMinutesWriter(embed, config)(turns, chapters).summary) == 2


def test_nothing_said_gives_empty_minutes() -> None:
    assert ExtractiveMinutesWriter(embed)((), ()) == Minutes()


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    ExtractiveMinutesWriter(embed)(TURNS, CHAPTERS, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
