"""What the page of one meeting shows, worked out from the meeting; pure, and free of markup."""

from collections.abc import Mapping, Sequence

from pyannote.core import Segment

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Meeting,
    Statement,
    StoredMeeting,
)
from meeting_app.domain.corrections import LineKind, LinePlace, lines_of
from meeting_app.domain.statistics import MeetingStatistics, SpeakerStatistics, statistics_of
from ui.languages import language_name
from ui.meeting.views import (
    ChapterView,
    LineView,
    MeetingView,
    PlaceView,
    ProofView,
    SpeakerFigures,
    StatisticsView,
)
from ui.presenters import clock, color_of, initials, length, present_formats, shown_name
from ui.translation import Translate
from ui.views import SpeakerView


def present_meeting(stored: StoredMeeting, formats: Sequence[str], t: Translate) -> MeetingView:
    """The meeting page; documents for people stand first among the formats."""
    meeting = stored.meeting
    figures = statistics_of(meeting)
    speakers = present_speakers(meeting, figures, t)
    known = {speaker.label: speaker for speaker in speakers}
    return MeetingView(
        id=stored.id,
        title=meeting.title,
        filename=stored.recording.filename,
        duration=meeting.duration,
        length=length(meeting.duration, t),
        language=language_name(meeting.language, t),
        language_code=meeting.language,
        created_at=stored.created_at.isoformat(),
        speakers=speakers,
        chapters=tuple(
            _chapter(meeting, known, (number, chapter), t)
            for number, chapter in enumerate(meeting.chapters, start=1)
        ),
        decisions=tuple(_line(meeting, decision, t) for decision in meeting.minutes.decisions),
        action_items=tuple(_line(meeting, item, t) for item in meeting.minutes.action_items),
        statistics=_statistics(figures, speakers, t),
        formats=present_formats(formats, t),
    )


def present_speakers(
    meeting: Meeting, figures: MeetingStatistics, t: Translate
) -> tuple[SpeakerView, ...]:
    """The speakers in order of label, each with a colour and a share of the talk."""
    shares = [figures.share_of(speaker) for speaker in figures.speakers]
    names = [shown_name(speaker.display_name, t) for speaker in meeting.speakers]
    return tuple(
        SpeakerView(
            label=speaker.label,
            name=name,
            initials=initials(name),
            color=color_of(_number_of(speaker.label, index)),
            share=None if share is None else round(100 * share),
        )
        for index, (speaker, name, share) in enumerate(
            zip(meeting.speakers, names, shares, strict=True)
        )
    )


def _number_of(label: str, place: int) -> int:
    """The speaker's number, so that a colour stays when somebody else goes."""
    number = label.rpartition("_")[2]
    return int(number) if number.isdecimal() else place


def _chapter(
    meeting: Meeting,
    speakers: Mapping[str | None, SpeakerView],
    numbered: tuple[int, Chapter],
    t: Translate,
) -> ChapterView:
    number, chapter = numbered
    summary = tuple(_line(meeting, statement, t) for statement in meeting.summary_of(chapter))
    return ChapterView(
        number=number,
        start=chapter.segment.start,
        end=chapter.segment.end,
        clock=clock(chapter.segment.start),
        length=length(chapter.segment.duration, t),
        title=chapter.title,
        keywords=chapter.keywords,
        gist=summary[0].text if summary else None,
        leader=speakers.get(_leader(meeting, chapter.segment)),
        summary=summary,
    )


def _leader(meeting: Meeting, segment: Segment) -> str | None:
    """The label of whoever speaks longest within the segment; None when nobody does."""
    times: dict[str, float] = {}
    for item in meeting.speaker_segments:
        shared = min(item.segment.end, segment.end) - max(item.segment.start, segment.start)
        if shared > 0:
            times[item.speaker] = times.get(item.speaker, 0.0) + shared
    return max(times, key=lambda label: times[label], default=None)


def _line(meeting: Meeting, line: Statement | Decision | ActionItem, t: Translate) -> LineView:
    turns = [meeting.turn_by_id[key] for key in line.evidence if key in meeting.turn_by_id]
    return LineView(
        text=line.text,
        place=_place_of(meeting, line),
        proofs=tuple(
            ProofView(
                turn_id=turn.id,
                start=turn.segment.start,
                clock=clock(turn.segment.start),
                speaker=shown_name(meeting.display_name(turn.speaker), t),
            )
            for turn in turns
        ),
        owner=shown_name(meeting.display_name(line.owner), t)
        if isinstance(line, ActionItem) and line.owner
        else None,
        owner_label=line.owner if isinstance(line, ActionItem) else None,
        due=line.due if isinstance(line, ActionItem) else None,
    )


def _place_of(meeting: Meeting, line: Statement | Decision | ActionItem) -> LinePlace:
    kinds = {Statement: LineKind.SUMMARY, Decision: LineKind.DECISION, ActionItem: LineKind.ACTION}
    kind = kinds[type(line)]
    return LinePlace(kind, lines_of(meeting.minutes, kind).index(line), line.text)


def _statistics(
    figures: MeetingStatistics, speakers: Sequence[SpeakerView], t: Translate
) -> StatisticsView:
    return StatisticsView(
        speakers=tuple(
            _speaker_figures(speaker, view, t)
            for speaker, view in zip(figures.speakers, speakers, strict=True)
        ),
        silence=length(figures.silence, t),
        silence_share=_percent(figures.silence, figures.duration),
        longest_silence=_place(figures.longest_silence, t),
        overlap=length(figures.overlap, t),
        overlap_share=_percent(figures.overlap, figures.duration),
        num_questions=sum(speaker.num_questions for speaker in figures.speakers),
        num_interruptions=sum(speaker.num_interruptions for speaker in figures.speakers),
    )


def _speaker_figures(figures: SpeakerStatistics, view: SpeakerView, t: Translate) -> SpeakerFigures:
    pace = figures.words_per_minute
    return SpeakerFigures(
        speaker=view,
        time=length(figures.speaking_time, t),
        words_per_minute=None if pace is None else round(pace),
        num_turns=figures.num_turns,
        num_questions=figures.num_questions,
        num_interruptions=figures.num_interruptions,
        num_interrupted=figures.num_interrupted,
        monologue=_place(figures.monologue, t),
    )


def _place(segment: Segment | None, t: Translate) -> PlaceView | None:
    if segment is None:
        return None
    return PlaceView(segment.start, clock(segment.start), length(segment.duration, t))


def _percent(part: float, whole: float) -> int:
    return round(100 * part / whole) if whole else 0
