"""What the library shows, worked out from domain objects; pure, and free of any markup."""

from collections.abc import Sequence

from meeting_app.domain import Facet, Facets, LibraryEntry, LibraryPlace, SearchFilters, SearchHit
from ui.filters import LENGTHS
from ui.languages import language_name
from ui.presenters import clock, initials, length, shown_name
from ui.translation import Translate
from ui.views import (
    NUM_SPEAKER_COLORS,
    ChoiceView,
    FilterView,
    HitView,
    LibraryRow,
    OptionView,
    SpeakerView,
)


def present_library(entries: Sequence[LibraryEntry], t: Translate) -> tuple[LibraryRow, ...]:
    """The library, in the order given."""
    return tuple(
        LibraryRow(
            id=entry.id,
            title=entry.title,
            length=length(entry.duration, t),
            language=language_name(entry.language, t),
            speakers=tuple(
                SpeakerView(None, name, initials(name), index % NUM_SPEAKER_COLORS + 1)
                for index, name in enumerate(shown_name(name, t) for name in entry.speakers)
            ),
            created_at=entry.created_at.isoformat(),
            folder=entry.folder,
            tags=entry.tags,
            is_trashed=entry.trashed_at is not None,
            place=str(LibraryPlace(entry.created_at, entry.id)),
        )
        for entry in entries
    )


def present_hits(hits: Sequence[SearchHit], t: Translate) -> tuple[HitView, ...]:
    """What a search found, best first."""
    return tuple(
        HitView(
            meeting_id=hit.meeting_id,
            meeting_title=hit.meeting_title,
            speaker=shown_name(hit.speaker, t),
            start=hit.segment.start,
            clock=clock(hit.segment.start),
            excerpt=hit.excerpt,
            created_at=hit.created_at.isoformat(),
        )
        for hit in hits
    )


def present_filters(facets: Facets, t: Translate) -> FilterView:
    """By what the meetings can be chosen; what would choose all is not offered."""
    languages = tuple(
        Facet(language_name(facet.value, t) or facet.value, facet.num_meetings)
        for facet in facets.languages
    )
    codes = [facet.value for facet in facets.languages]
    choices = (
        _choice("folder", t("Any folder"), facets.folders),
        _choice("tag", t("Any tag"), facets.tags),
        _choice("speaker", t("Anybody"), facets.speakers),
        _choice("language", t("Any language"), languages, codes)
        if len(codes) > 1
        else ChoiceView("language", t("Any language"), ()),
        ChoiceView("length", t("Any length"), _lengths(t)),
    )
    return FilterView(
        choices=tuple(choice for choice in choices if choice.options),
        tags=tuple(facet.value for facet in facets.tags),
        folders=tuple(facet.value for facet in facets.folders),
    )


def is_narrowed(filters: SearchFilters) -> bool:
    """Whether meetings are left out that are not in the trash."""
    return filters not in (SearchFilters(), SearchFilters(is_trashed=True))


def _choice(
    name: str, any_label: str, facets: Sequence[Facet], values: Sequence[str] | None = None
) -> ChoiceView:
    known = values or [facet.value for facet in facets]
    options = tuple(
        OptionView(value, f"{facet.value} ({facet.num_meetings})")
        for value, facet in zip(known, facets, strict=True)
    )
    return ChoiceView(name, any_label, options)


def _lengths(t: Translate) -> tuple[OptionView, ...]:
    labels = {
        "short": t("Up to 15 minutes"),
        "medium": t("15 minutes to an hour"),
        "long": t("An hour and more"),
    }
    return tuple(OptionView(name, labels[name]) for name in LENGTHS)
