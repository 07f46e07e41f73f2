"""What is found, in which order, and that no query does harm."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meeting_app.domain import Meeting, SearchHit
from meeting_app.domain.corrections import RenameMeeting, RenameSpeaker
from storage.repository import Repository
from tests.builders import a_meeting
from tests.storage.conftest import correct

Store = Callable[[Meeting], str]
A, B = "SPEAKER_00", "SPEAKER_01"


def _texts(hits: tuple[SearchHit, ...]) -> list[str]:
    return ["".join(text for text, _ in hit.excerpt) for hit in hits]


def _marked(hits: tuple[SearchHit, ...]) -> list[str]:
    return [text for hit in hits for text, is_match in hit.excerpt if is_match]


def test_a_hit_says_where_and_who_and_marks_the_words(repository: Repository, store: Store) -> None:
    meeting_id = store(a_meeting((A, "Hello there."), (B, "The budget is tight."), title="Board"))
    (hit,) = repository.search("budget", 10)
    assert (hit.meeting_id, hit.meeting_title, hit.turn_id) == (meeting_id, "Board", 1)
    assert (hit.speaker, hit.segment.start, hit.segment.end) == ("Speaker 2", 10.0, 11.9)
    assert hit.excerpt == (("The ", False), ("budget", True), (" is tight.", False))


def test_a_turn_of_nobody_is_found_as_unknown(repository: Repository, store: Store) -> None:
    store(a_meeting((None, "Hello there.")))
    assert [hit.speaker for hit in repository.search("hello", 10)] == ["Unknown"]


@pytest.mark.parametrize("query", ["budget", "BUDGET", "Büdget", "bud", "tight budget", "tig bud"])
def test_case_accents_order_and_a_missing_end_of_the_last_word_do_not_matter(
    repository: Repository, store: Store, query: str
) -> None:
    store(a_meeting((A, "The tig tight budget."), (B, "Nothing of that sort.")))
    assert [hit.turn_id for hit in repository.search(query, 10)] == [0]


@pytest.mark.parametrize("query", ["tigh budget", "budget nothing", "udget"])
def test_every_word_must_be_there_and_whole_but_for_the_end_of_the_last(
    repository: Repository, store: Store, query: str
) -> None:
    store(a_meeting((A, "The tight budget."), (B, "Nothing of that sort.")))
    assert repository.search(query, 10) == ()


@pytest.mark.parametrize(
    ("text", "query", "match"),
    [
        ("我们今天讨论会议记录。", "会议", "会议"),
        ("我们今天讨论会议记录。", "议", "议"),
        ("我们今天讨论会议记录。", "会议记录", "会议记录"),
        ("来週の予算について話します。", "予算", "予算"),
        ("コーヒーを飲みます。", "コーヒー", "コーヒー"),
        ("การประชุมวันนี้", "ประชุม", "ประชุม"),
        ("हिन्दी में बैठक", "हिन्दी", "हिन्दी"),
        ("회의를 시작합니다", "회의", "회의를"),
        ("我们买了GPU集群。", "GPU集群", "GPU集群"),
    ],
)
def test_scripts_without_spaces_are_found_inside_a_sentence(
    repository: Repository, store: Store, text: str, query: str, match: str
) -> None:
    store(a_meeting((A, text), (B, "别的话题。")))
    hits = repository.search(query, 10)
    assert _texts(hits) == [text]
    assert _marked(hits) == [match]


def test_characters_in_another_order_are_another_word(repository: Repository, store: Store) -> None:
    store(a_meeting((A, "我们今天讨论会议记录。")))
    assert repository.search("议会", 10) == ()


def test_the_turn_that_says_it_most_densely_comes_first(
    repository: Repository, store: Store
) -> None:
    store(a_meeting((A, "A budget and many other words besides."), (B, "Budget, budget!")))
    assert [hit.turn_id for hit in repository.search("budget", 10)] == [1, 0]
    assert [hit.turn_id for hit in repository.search("budget", 1)] == [1]


def test_a_renamed_speaker_is_found_by_the_new_name_only(
    repository: Repository, store: Store
) -> None:
    meeting_id = store(a_meeting((A, "Hello there."), (B, "Good day."), (B, "And so on.")))
    correct(repository, meeting_id, RenameSpeaker(B, "Älice Lidell"))
    assert [(hit.turn_id, hit.speaker) for hit in repository.search("alice", 10)] == [
        (1, "Älice Lidell")
    ]
    correct(repository, meeting_id, RenameSpeaker(B, None))
    assert repository.search("alice", 10) == ()


def test_a_name_and_a_word_find_what_that_speaker_said(
    repository: Repository, store: Store
) -> None:
    meeting_id = store(a_meeting((A, "The budget."), (B, "My budget.")))
    correct(repository, meeting_id, RenameSpeaker(B, "Alice"))
    assert [hit.turn_id for hit in repository.search("alice budget", 10)] == [1]


def test_a_title_finds_the_first_turn_of_each_meeting(repository: Repository, store: Store) -> None:
    first = store(a_meeting((A, "Hello."), (B, "Bye."), title="Weekly 会议"))
    second = store(a_meeting((A, "Hello."), title="Other"))
    correct(repository, second, RenameMeeting("Weekly two"))
    hits = repository.search("weekly", 10)
    assert [(hit.meeting_id, hit.turn_id) for hit in hits] == [(second, 0), (first, 0)]
    assert repository.search("other", 10) == ()


def test_names_never_crowd_out_the_text(repository: Repository, store: Store) -> None:
    for number in range(6):
        store(a_meeting((A, f"The budget {number}."), (B, "Hello."), title="Budget"))
    hits = repository.search("hello budget", 5)
    assert len(hits) == 5
    hits = repository.search("budget", 5)
    assert len(hits) == 5
    assert len(_marked(hits)) >= 4


def test_a_deleted_meeting_is_not_found(repository: Repository, store: Store) -> None:
    meeting_id = store(a_meeting((A, "Hello there.")))
    repository.delete(meeting_id)
    assert repository.search("hello", 10) == ()


def test_a_long_turn_is_cut_around_the_match(repository: Repository, store: Store) -> None:
    store(a_meeting((A, "so " * 200 + "budget" + " so" * 200), title="Standup"))
    (text,) = _texts(repository.search("budget", 10))
    assert "budget" in text
    assert text.startswith("…")
    assert len(text) < 150
    (text,) = _texts(repository.search("standup", 10))
    assert text == ("so " * 46).strip() + "…"


@pytest.mark.parametrize("query", ["", "   ", '"', "*", "()", "-", "…", "\x00", "\ud800", "&&&"])
def test_a_query_without_words_finds_nothing(
    repository: Repository, store: Store, query: str
) -> None:
    store(a_meeting())
    assert repository.search(query, 10) == ()


@pytest.mark.parametrize(
    "query",
    [
        'ship"',
        '"ship',
        "ship*",
        "ship\x00",
        "(ship",
        "ship)",
        "^ship",
        "{ship}",
        "-ship",
        "ship - +",
        "'ship'",
        "ship;--",
    ],
)
def test_syntax_around_a_word_means_nothing(
    repository: Repository, store: Store, query: str
) -> None:
    store(a_meeting())
    assert _marked(repository.search(query, 10)) == ["ship"]


@pytest.mark.parametrize("query", ["ship OR zebra", "NOT ship", "NEAR(ship)", "title: ship"])
def test_operators_are_words(repository: Repository, store: Store, query: str) -> None:
    store(a_meeting())
    assert repository.search(query, 10) == ()


@given(
    query=st.text(st.one_of(st.characters(), st.sampled_from('"*(){}^:+-ab 会\x00')), max_size=40),
    limit=st.integers(-1, 60),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_query_raises(repository: Repository, query: str, limit: int) -> None:
    assert repository.search(query, limit) == ()


@given(text=st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda t: t.split()))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_turn_that_holds_any_text_is_found_by_the_word_beside_it(
    repository: Repository, store: Store, text: str
) -> None:
    meeting_id = store(a_meeting((A, f"zebra {text}")))
    assert [hit.turn_id for hit in repository.search("zebra", 10)] == [0]
    repository.delete(meeting_id)
