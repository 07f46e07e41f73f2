"""The page of people: what it says, and that names stay text."""

import pytest

from meeting_app.domain.people import VoicesState
from tests.people import an_entry
from tests.ui.test_markup import EVIL, Elements
from ui.components.people import people_markup
from ui.people_views import NUM_SHOWN, present_people
from ui.translation import translator

EN, ZH = translator("en"), translator("zh")
OFF = VoicesState(False, False, 0, None)


def markup(*entries, voices=OFF, t=EN) -> str:
    return people_markup(present_people(entries, voices, t), t)


def test_person_is_shown_with_their_meetings():
    view = present_people([an_entry("Laura", "Standup", "Review", voice_seconds=42)], OFF, EN)
    (laura,) = view.people
    assert laura.facts == ("2 meetings", "speaks for 2 min")
    assert [meeting.title for meeting in laura.first] == ["Standup", "Review"]
    assert (laura.has_voice, laura.last_heard) == (True, "2026-03-03T09:30:00+00:00")


def test_one_meeting_is_not_meetings():
    (laura,) = present_people([an_entry("Laura", "Standup")], OFF, EN).people
    assert laura.facts[0] == "1 meeting"


def test_person_whose_meetings_were_all_deleted_is_still_shown():
    (laura,) = present_people([an_entry("Laura", voice_seconds=42)], OFF, EN).people
    assert (laura.facts, laura.last_heard, laura.first) == (("0 meetings",), None, ())


def test_later_meetings_unfold():
    titles = [f"Week {i}" for i in range(NUM_SHOWN + 2)]
    (laura,) = present_people([an_entry("Laura", *titles)], OFF, EN).people
    assert (len(laura.first), len(laura.more)) == (NUM_SHOWN, 2)
    assert "2 more" in markup(an_entry("Laura", *titles))


def test_person_can_be_merged_when_there_is_another():
    assert "data-merge-with" not in markup(an_entry("Laura"))
    assert markup(an_entry("Laura"), an_entry("David", id="p2")).count("data-merge-with") == 2


def test_voice_can_be_remembered_where_it_is_not_yet_and_voices_are_on():
    laura = an_entry("Laura", "Standup", "Review", voice_seconds=42)  # that of the first
    on = VoicesState(True, False, 1, None)
    assert markup(laura, voices=on).count("data-remember") == 1
    assert 'aria-label="Remember the voice from Review"' in markup(laura, voices=on)
    assert "data-remember" not in markup(laura)


def test_nobody_named_says_what_to_do():
    assert "give its speakers their names" in markup()
    assert "还没有命名任何人" in markup(t=ZH)


@pytest.mark.parametrize(
    ("voices", "shown", "hidden"),
    [
        (OFF, ['aria-checked="false"'], ["data-forget-all", "problem"]),
        (VoicesState(True, False, 1, None), ['aria-checked="true"', "1 voice is"], ["problem"]),
        (VoicesState(True, True, 2, None), ["configuration", "2 voices are"], ["data-switch"]),
        (VoicesState(True, False, 0, "k: gone"), ["k: gone", "data-forget-all"], []),
    ],
)
def test_switch_shows_the_state_of_voices(voices, shown, hidden):
    found = markup(voices=voices)
    assert [text for text in shown if text not in found] == []
    assert [text for text in hidden if text in found] == []


def test_names_and_titles_stay_text():
    entries = [an_entry(EVIL, EVIL, id=EVIL, voice_seconds=1), an_entry("David", id="p2")]
    elements = Elements(markup(*entries, voices=VoicesState(True, False, 1, EVIL)))
    assert EVIL in elements.text
    assert "img" not in elements.tags
    assert "script" not in elements.tags
    assert "onerror" not in elements.attributes
