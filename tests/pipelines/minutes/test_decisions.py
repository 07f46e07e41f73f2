"""What was agreed."""

import pytest

from meeting_app.domain import sentences_of
from pipelines.minutes.decisions import find_decisions
from tests.pipelines.bag_of_words import talk


@pytest.mark.parametrize(
    "text",
    [
        "We decided to use rubber buttons.",
        "We've all agreed on the yellow case.",
        "Okay, we'll go with the solar battery.",
        "Let's stick with plastic for the case.",
        "Let's drop the voice control feature.",
        "So we're going for the double curved case.",
        "The final decision is a rubber case.",
        "Agreed: the launch moves to March.",
        "我们决定采用第二个方案。",
        "大家一致同意推迟发布。",
    ],
)
def test_agreement_is_a_decision(text: str) -> None:
    (decision,) = find_decisions(sentences_of(talk(("A", text))))
    assert decision.evidence == (0,)


@pytest.mark.parametrize(
    "text",
    [
        "Have we decided on the rubber buttons?",
        "If we decided to use rubber buttons it would cost more.",
        "We haven't decided on the rubber buttons.",
        "Are we going for rubber buttons or plastic.",
        "Um so are we going for rubber buttons or plastic.",
        "Once we've decided on the rubber buttons we can order.",
        "That is the interface type we're going for.",
        "Let's go with that.",
        "Let's keep in mind the rubber buttons.",
        "Rubber buttons are soft and cheap.",
        "我们没有决定采用第二个方案。",
        "我们是否决定采用第二个方案？",
    ],
)
def test_question_doubt_and_denial_are_no_decisions(text: str) -> None:
    assert find_decisions(sentences_of(talk(("A", text)))) == ()


def test_text_is_written_without_fillers() -> None:
    turns = talk(("A", "Um so we we decided on rubber buttons."))
    assert find_decisions(sentences_of(turns))[0].text == "We decided on rubber buttons."


def test_same_decision_is_listed_once() -> None:
    line = ("A", "We decided on rubber buttons.")
    assert len(find_decisions(sentences_of(talk(line, line)))) == 1
