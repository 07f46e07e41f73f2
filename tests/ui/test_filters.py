"""What the address says about filters."""

from datetime import UTC, datetime

import pytest

from meeting_app.domain import EVERYTHING, Facet, Facets, LibraryPlace, SearchFilters
from meeting_app.errors import FormatError
from ui.filters import filters_of, listed, place_of
from ui.library_presenters import is_narrowed, present_filters
from ui.translation import translator

EN = translator("en")


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("", EVERYTHING),
        ("q=x&meeting=m1", EVERYTHING),
        ("speaker=Ana+Ruiz", SearchFilters(speaker="Ana Ruiz")),
        ("tag=a%26b", SearchFilters(tags=("a&b",))),
        ("folder=A%2FB&language=de", SearchFilters(folder="A/B", language="de")),
        ("length=short", SearchFilters(max_duration=900.0)),
        ("length=medium", SearchFilters(min_duration=900.0, max_duration=3600.0)),
        ("length=long", SearchFilters(min_duration=3600.0)),
        (
            "since=2026-03-01T00:00:00Z",
            SearchFilters(since=datetime(2026, 3, 1, tzinfo=UTC)),
        ),
        ("trash=1", SearchFilters(is_trashed=True)),
    ],
)
def test_address_says_which_meetings(query: str, filters: SearchFilters) -> None:
    assert filters_of(query) == filters


@pytest.mark.parametrize("query", ["length=huge", "since=yesterday", "until=2026-13-01"])
def test_unreadable_filters_are_refused(query: str) -> None:
    with pytest.raises(FormatError, match=query.partition("=")[0]):
        filters_of(query)


def test_places_come_back_as_they_went_and_others_are_refused() -> None:
    place = LibraryPlace(datetime(2026, 3, 1, 9, tzinfo=UTC), "m1")
    assert place_of(str(place)) == place
    assert place_of("") is None
    with pytest.raises(FormatError, match="load the page again"):
        place_of("nowhere")


def test_tags_are_listed_with_commas_of_either_script() -> None:
    assert listed(" a, b，c ,") == ("a", "b", "c")


def test_what_would_choose_all_is_not_offered() -> None:
    one = Facets((), (Facet("en", 2),), (), ())
    assert [choice.name for choice in present_filters(one, EN).choices] == ["length"]
    two = Facets((Facet("Ana", 1),), (Facet("de", 1), Facet("en", 2)), (), (Facet("A", 1),))
    choices = present_filters(two, EN).choices
    assert [choice.name for choice in choices] == ["folder", "speaker", "language", "length"]
    assert [option.label for option in choices[2].options] == ["German (1)", "English (2)"]


def test_the_trash_by_itself_is_not_narrowed() -> None:
    assert not is_narrowed(SearchFilters(is_trashed=True))
    assert is_narrowed(SearchFilters(language="de"))
