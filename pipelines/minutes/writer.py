"""Turns and chapters become minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from meeting_app.config import MinutesConfig
from meeting_app.domain import Chapter, Minutes, Sentence, Statement, Turn, sentences_of
from pipelines.minutes.actions import find_action_items
from pipelines.minutes.decisions import find_decisions
from pipelines.minutes.summary import summarise
from pipelines.protocols import ReportFraction, report_nothing
from pipelines.text_embedding import Embedder


@dataclass(frozen=True, slots=True)
class ExtractiveMinutesWriter:
    """Minutes in the meeting's own words; fits the MinutesWriter protocol."""

    embed: Embedder
    config: MinutesConfig = field(default_factory=MinutesConfig)

    def __call__(
        self,
        turns: Sequence[Turn],
        chapters: Sequence[Chapter],
        report: ReportFraction = report_nothing,
    ) -> Minutes:
        """Every line proven by the turn it was said in."""
        sentences = sentences_of(turns)
        summary: list[Statement] = []
        for number, chapter in enumerate(chapters, start=1):
            spoken = _sentences_in(chapter, turns, sentences)
            summary += summarise(spoken, self.embed, self.config.sentences_per_chapter)
            report(number / (len(chapters) + 1))
        minutes = Minutes(tuple(summary), find_decisions(sentences), find_action_items(sentences))
        report(1.0)
        return minutes


def _sentences_in(
    chapter: Chapter, turns: Sequence[Turn], sentences: Sequence[Sentence]
) -> tuple[Sentence, ...]:
    """The sentences of the turns that begin in the chapter."""
    span = chapter.segment
    ids = {turn.id for turn in turns if span.start <= turn.segment.start < span.end}
    return tuple(sentence for sentence in sentences if sentence.turn_id in ids)
