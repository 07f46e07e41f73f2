"""Plain text in the order of the other documents."""

from hypothesis import given, settings

from meeting_app.domain import Meeting
from meeting_app.formats.outline import outline_of
from meeting_app.formats.txt import outline_to_txt
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings


def test_document_is_title_facts_minutes_then_transcript() -> None:
    assert outline_to_txt(outline_of(a_meeting())) == (
        "Standup\n"
        "=======\n"
        "Duration: 20 s\n"
        "Language: English\n"
        "Speaker 1: 00:02 (46%)\n"
        "Speaker 2: 00:03 (54%)\n"
        "\n"
        "Minutes\n"
        "=======\n"
        "1. Release\n"
        "----------\n"
        "- We agreed to ship on Monday. [00:00]\n"
        "\n"
        "Decisions\n"
        "---------\n"
        "- We agreed to ship on Monday. [00:00]\n"
        "\n"
        "Action items\n"
        "------------\n"
        "- I will write the notes by Friday. (Speaker 2) (by Friday) [00:10]\n"
        "\n"
        "Transcript\n"
        "==========\n"
        "1. Release (00:00–00:20)\n"
        "------------------------\n"
        "[00:00] Speaker 1: We agreed to ship on Monday.\n"
        "[00:10] Speaker 2: I will write the notes by Friday.\n"
    )


def test_silence_says_so() -> None:
    assert outline_to_txt(outline_of(an_empty_meeting())) == (
        "Silence\n=======\nDuration: 3 s\n\nNo speech was found in this recording.\n"
    )


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_every_turn_is_one_line(meeting: Meeting) -> None:
    lines = outline_to_txt(outline_of(meeting)).split("\n")
    for section in outline_of(meeting).sections:
        for passage in section.passages:
            assert any(line.endswith(f"] {passage.speaker}: {passage.text}") for line in lines)
