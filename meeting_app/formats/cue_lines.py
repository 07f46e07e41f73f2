"""How the text of a subtitle is laid out: how much fits, and where its lines end."""

from dataclasses import dataclass

from meeting_app.config import SubtitlesConfig
from meeting_app.formats.text import break_units, chop, columns, widths, wrap

DASH = "- "  # before each line when two people share a cue
_CLAUSE_END = (
    ",",
    ";",
    ":",
    ".",
    "!",
    "?",
    "，",
    "；",
    "：",
    "、",
    "。",
    "！",
    "？",
    "–",
    "—",
    "…",
)
# Words that lean on the one after them; a line or a cue should not end with one.
# Source: Netflix Timed Text Style Guide, general requirements, "line treatment".
_LEANING = frozenset(
    (
        *("a", "an", "the", "to", "of", "in", "on", "at", "by", "for", "with", "from", "into"),
        *("as", "and", "but", "or", "nor", "so", "that", "than", "if", "when", "because"),
        *("which", "who", "whose", "my", "your", "his", "her", "its", "our", "their", "this"),
        *("these", "those", "is", "are", "was", "were", "be", "been", "am", "i", "you", "he"),
        *("she", "it", "we", "they", "not", "no", "very", "will", "would", "can", "could"),
        *("should", "do", "does", "did", "have", "has", "had"),
        *"的了和与在是把被从对我你他她它这那不很",
    )
)
_AFTER_CLAUSE, _AFTER_LEANING = -14.0, 12.0  # columns of difference that a break is worth


@dataclass(frozen=True, slots=True)
class Page:
    """The part of the screen that subtitles have, measured in Latin characters."""

    config: SubtitlesConfig

    @property
    def shortest_line(self) -> float:
        """What is left of a line beside a dash and the longest name."""
        return self.config.line - len(DASH) - self._longest_name - len(": ")

    def columns(self, text: str) -> float:
        """How much of a line the text takes."""
        return columns(text, self.config.line / self.config.wide_line)

    def wrap(self, text: str) -> tuple[str, ...]:
        """Lines, filled from the first on."""
        return wrap(text, self.config.line, self.columns)

    def prefix(self, name: str | None) -> str:
        """The name as lines begin with it, shortened so that half of a line is left."""
        if name is None:
            return ""
        if self.columns(name) > self._longest_name:
            name = next(chop(name, self.columns, self._longest_name - 1)).rstrip() + "…"
        return f"{name}: "

    def is_one_line(self, prefix: str, text: str) -> bool:
        """Whether the text can be one of the two lines of a cue that two people share."""
        return self.has_room_for_line(self.columns(prefix + text))

    def has_room_for_line(self, columns: float) -> bool:
        """The same, for something of so many columns."""
        return len(DASH) + columns <= self.config.line

    def reading_time(self, text: str) -> float:
        """Seconds that it takes to read the text."""
        num_wide, num_narrow = widths(text)
        return num_narrow / self.config.speed + num_wide / self.config.wide_speed

    def lines(self, text: str) -> tuple[str, ...]:
        """The text on as few lines as hold it; of two, none ends in the middle of a phrase.

        Between breaks that are equally good the one that makes the lines alike is taken.
        """
        lines = self.wrap(text)
        if len(lines) != 2:
            return lines
        units = break_units(text)
        found = []
        for index in range(1, len(units)):
            first, second = "".join(units[:index]).strip(), "".join(units[index:]).strip()
            sizes = (self.columns(first), self.columns(second))
            if first and second and max(sizes) <= self.config.line:
                found.append((abs(sizes[0] - sizes[1]) + _cost(first), index, (first, second)))
        return min(found)[2] if found else lines

    @property
    def _longest_name(self) -> float:
        return self.config.line // 2 - 1


def is_clause_end(text: str) -> bool:
    """Whether punctuation ends the text."""
    return text.rstrip().endswith(_CLAUSE_END)


def is_leaning(word: str) -> bool:
    """Whether the word belongs to the one after it."""
    return word.strip().lower() in _LEANING


def _cost(line: str) -> float:
    """What speaks against ending a line here, as columns of difference between two lines."""
    if is_clause_end(line):
        return _AFTER_CLAUSE
    last = line.rsplit(maxsplit=1)[-1]
    return _AFTER_LEANING if is_leaning(last) or is_leaning(line[-1]) else 0.0
