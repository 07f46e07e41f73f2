"""What users wrote stays text in every component."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from pyannote.core import Segment

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Facet,
    Facets,
    JobState,
    LibraryEntry,
    Minutes,
    Progress,
    SearchHit,
    Stage,
    Statement,
)
from meeting_app.formats.document import FORMATS
from tests.builders import a_meeting, an_empty_meeting
from tests.ui.fake_service import NOW, a_job, stored
from ui.components.chapters import chapters_markup
from ui.components.heading import heading_markup
from ui.components.jobs import jobs_markup
from ui.components.library import alike_markup, filters_markup, hits_markup, rows_markup
from ui.components.minutes import minutes_markup
from ui.components.reading import statistics_markup
from ui.library_presenters import present_filters, present_hits, present_library
from ui.meeting.presenter import present_meeting
from ui.presenters import present_jobs
from ui.translation import Translate, translator

EN, ZH = translator("en"), translator("zh")

EVIL = """"'><img src=x onerror="alert(1)"><script>alert(2)</script>"""


class Elements(HTMLParser):
    """Counts tags and collects attribute names and text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def a_meeting_of(text: str):
    meeting = replace(
        a_meeting(("SPEAKER_00", "word"), ("SPEAKER_01", text.replace(" ", "_")), title=text),
        chapters=(Chapter(Segment(0, 20), text, (text,)),),
        minutes=Minutes(
            (Statement(text, (0,)),),
            (Decision(text, (1,)),),
            (ActionItem(text, (0, 1), owner=text, due=text),),
        ),
    )
    return replace(
        stored(meeting.rename_speaker("SPEAKER_00", text).rename_speaker("SPEAKER_01", text)),
        id=text,
    )


def all_markup(text: str, t: Translate = EN) -> dict[str, str]:
    view = present_meeting(a_meeting_of(text), FORMATS, t)
    entry = LibraryEntry(text, text, 1.0, text, (text,), NOW, text, (text,))
    hit = SearchHit(text, text, 0, text, Segment(0, 1), ((text, True), (text, False)), NOW)
    noted = Progress(Stage.WORDS, 0.5, 0.5, notices=(text,))
    failed = a_job(text, JobState.FAILED, error=text, filename=text, progress=noted)
    jobs = [failed, a_job(text, JobState.DONE, filename=text), a_job(text, filename=text)]
    return {
        "heading": heading_markup(view, t),
        "chapters": chapters_markup(view, t),
        "minutes": minutes_markup(view, t),
        "statistics": statistics_markup(view, t),
        "rows": rows_markup(present_library([entry], t), "new", t),
        "hits": hits_markup(text, present_hits([hit], t), t),
        "alike": alike_markup(present_hits([hit], t), t),
        "filters": filters_markup(
            present_filters(Facets(*((Facet(text, 1),) for _ in range(4))), t), t
        ),
        "no hits": hits_markup(text, (), t),
        "jobs": jobs_markup(present_jobs(jobs, NOW, t), t),
    }


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("name", all_markup("x"))
def test_text_of_users_adds_no_element_and_no_attribute(name, t):
    harmless, hostile = Elements(all_markup("word", t)[name]), Elements(all_markup(EVIL, t)[name])
    assert hostile.tags == harmless.tags
    assert hostile.attributes == harmless.attributes
    assert "<img src=x" in hostile.text.replace("_", " ")


def test_every_format_can_be_downloaded():
    markup = heading_markup(present_meeting(stored(a_meeting()), FORMATS, EN), EN)
    links = re.findall(r'href="(api/meetings/m1/export/\w+)"', markup)
    assert sorted(links) == sorted(f"api/meetings/m1/export/{name}" for name in FORMATS)


def test_silence_says_so_everywhere():
    view = present_meeting(stored(an_empty_meeting()), FORMATS, EN)
    assert "100 %" in statistics_markup(view, EN)
    assert "nothing to note down" in minutes_markup(view, EN)
    assert chapters_markup(view, EN).strip() == ""
    assert "data-speaker" not in heading_markup(view, EN)


def test_what_was_said_is_marked_as_its_language_and_the_page_as_its_own():
    meeting = replace(a_meeting_of("Gut.").meeting, language="de")
    view = present_meeting(replace(a_meeting_of("Gut."), meeting=meeting), FORMATS, EN)
    assert '<span lang="de">Gut.</span>' in minutes_markup(view, EN)
    assert '<strong lang="de">Gut.</strong>' in chapters_markup(view, EN)
    assert "<h2>Minutes</h2>" in minutes_markup(view, EN)


def test_empty_library_leads_to_the_upload():
    assert 'href="?show=new"' in rows_markup((), "new", EN)


def test_buttons_of_a_job_fit_its_state():
    def buttons(state: JobState) -> set[str]:
        markup = jobs_markup(present_jobs([a_job(state=state)], NOW, EN), EN)
        return set(re.findall(r"data-(cancel|retry|nav)\b", markup))

    assert buttons(JobState.QUEUED) == {"cancel"}
    assert buttons(JobState.RUNNING) == {"cancel"}
    assert buttons(JobState.FAILED) == {"retry"}
    assert buttons(JobState.CANCELLED) == {"retry"}
    assert buttons(JobState.DONE) == {"nav"}
