"""Decisions: what the meeting agreed on, in the words it was said in."""

from collections.abc import Sequence

from meeting_app.domain import Decision, Sentence
from pipelines.minutes.rules import Rule, compiled, find, plain, readable

_WE = r"\bwe(?:'ve|'re|\s+have|\s+are)?\s+(?:all\s+|just\s+|now\s+|then\s+|actually\s+|already\s+)*"
_WE_WILL = (
    r"\b(?:let's|let\s+us|we'll|we\s+will|we're\s+going\s+to|we\s+are\s+going\s+to|we're\s+gonna)"
    r"\s+(?:all\s+|just\s+|then\s+|definitely\s+)*"
)

RULES: tuple[Rule, ...] = (
    # "we decided to use rubber", "we've agreed on Monday", "we settled on two buttons"
    Rule(
        compiled(rf"{_WE}(?:decided|agreed|concluded|settled\s+(?:on|for)|opted\s+for)\b"),
        min_words_after=2,
    ),
    # "we'll go with the blue one", "let's stick to the plan"
    Rule(
        compiled(
            rf"{_WE_WILL}(?:go\s+(?:for|with|ahead\s+with)|stick\s+(?:to|with)|settle\s+(?:on|for))\b"
        )
    ),
    Rule(
        compiled(
            r"\b(?:let's|let\s+us|we'll)\s+(?:all\s+|just\s+|then\s+|definitely\s+)*"
            r"(?:use|keep(?!\s+in\s+mind)|drop|choose|adopt|postpone|cancel)\b"
        ),
        min_words_after=2,
    ),
    Rule(compiled(rf"{_WE}going\s+(?:for|with)\b"), min_words_after=2),
    # "it was decided that …", "the decision is …", "agreed: …", "so it's settled that …"
    Rule(
        compiled(
            r"\b(?:it|that)(?:'s|\s+is|\s+was|\s+has\s+been)\s+(?:been\s+)?(?:decided|agreed|settled)\b"
            r"(?!\s+by)"
        )
    ),
    Rule(
        compiled(
            r"\b(?:the|our|final)\s+decision\s+(?:is|was)\b|^(?:so\s+)?(?:decided|agreed|decision)\s*[:,]"
        )
    ),
    # 我们决定采用方案二 · 大家同意推迟 · 最终方案是 · 那就用方案二
    Rule(
        compiled(
            r"(?:我们|大家|会议|一致|最后|最终)(?:一致|都|已经|就)*(?:决定|同意|确定|敲定|商定)"
        )
    ),
    Rule(
        compiled(
            r"最终(?:方案|决定)是|就(?:这么|这样)(?:定|办|决定)|^(?:好的?，?)?那?就(?:用|选|定|采用)"
        )
    ),
)


def find_decisions(sentences: Sequence[Sentence]) -> tuple[Decision, ...]:
    """Everything that was said to be agreed, in the order it was said, each text once."""
    decisions: dict[str, Decision] = {}
    for sentence in sentences:
        spoken = plain(sentence.text)
        text = readable(spoken)
        if text and any(find(kind, spoken) for kind in RULES):
            decisions.setdefault(text.lower(), Decision(text, (sentence.turn_id,)))
    return tuple(decisions.values())
