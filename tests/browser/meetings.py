"""Meetings for the browser to show."""

from dataclasses import replace

from pyannote.core import Segment

from meeting_app.domain import Chapter, Meeting, Minutes
from tests.builders import a_meeting

LINES = (
    ("SPEAKER_00", "Good morning, where are we with the installer?"),
    ("SPEAKER_01", "It is done on two systems, one test fails on the third."),
    ("SPEAKER_00", "Then we agreed to ship on Monday."),
    ("SPEAKER_01", "I will write the release notes by Friday."),
    ("SPEAKER_00", "About the budget, we are four percent below plan."),
    ("SPEAKER_01", "That works, we need another machine anyway."),
)
EVIL = '<img src=x onerror=alert(1)>{{value}}${value}"'


def long_meeting() -> Meeting:
    """Six turns at 0, 10 … 50 s in two chapters, the second from 40 s on."""
    return replace(
        a_meeting(*LINES, title="Release planning"),
        chapters=(
            Chapter(Segment(0, 40), "Installer and date", ("installer", "test")),
            Chapter(Segment(40, 60), "Budget", ("plan", "machine")),
        ),
    )


def hostile_meeting() -> Meeting:
    """Every text a user or a model can set tries to become markup."""
    meeting = a_meeting(("SPEAKER_00", EVIL), ("SPEAKER_00", "I will"), title=EVIL)
    chapter = Chapter(Segment(0, 20), EVIL, (EVIL,))
    minutes: Minutes = meeting.minutes
    items = tuple(replace(item, text=EVIL, owner=EVIL, due=EVIL) for item in minutes.action_items)
    return replace(
        meeting.rename_speaker("SPEAKER_00", EVIL),
        chapters=(chapter,),
        minutes=replace(minutes, action_items=items),
    )


def endless_meeting() -> Meeting:
    """Three hundred turns, of which the window shows a few."""
    lines = (f"This is line number {n} of a talk that goes on and on." for n in range(300))
    return a_meeting(*((f"SPEAKER_{n % 8:02}", line) for n, line in enumerate(lines)))
