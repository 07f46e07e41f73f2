"""What a Markdown document says that a test can hold it to."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROMPT = "$ "
ANYTHING = "…"  # in quoted output: the rest of a line, or, alone on one, any lines

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_HEADING_NOISE = re.compile(r"[^\w\- ]")
_parser = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Command:
    """One command line of a shell block."""

    words: tuple[str, ...]  # the program and its arguments
    variables: tuple[tuple[str, str], ...]  # set for this command alone
    output: tuple[str, ...]  # quoted below it

    @property
    def program(self) -> str:
        """Without its folder; empty where variables are only set."""
        return self.words[0].rpartition("/")[2] if self.words else ""

    def __str__(self) -> str:
        return shlex.join(self.words)


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown text."""

    text: str

    @classmethod
    def read(cls, path: Path) -> "Document":
        return cls(path.read_text(encoding="utf-8"))

    def blocks(self, *languages: str) -> tuple[str, ...]:
        """Contents of the fenced blocks in one of the languages."""
        return tuple(content for language, content in self._fences() if language in languages)

    def commands(self) -> tuple[Command, ...]:
        """Every command of the ``sh`` and ``console`` blocks.

        Output is quoted below the prompt of a console block, or in a ``text`` block that comes
        after an ``sh`` block of one command.
        """
        commands: list[Command] = []
        is_quotable = False
        for language, content in self._fences():
            if language == "text" and is_quotable:
                commands[-1] = replace(commands[-1], output=tuple(content.splitlines()))
            found = {"sh": _script, "console": _session}.get(language, _nothing)(content)
            commands += found
            is_quotable = language == "sh" and len(found) == 1
        return tuple(commands)

    def code_spans(self) -> tuple[str, ...]:
        """Texts between single backticks."""
        return tuple(token.content for token in self._inline() if token.type == "code_inline")

    def links(self) -> tuple[str, ...]:
        """Targets of links and images, in HTML tags as well."""
        tokens = tuple(self._inline())
        found = [token.attrGet("href") or token.attrGet("src") for token in tokens]
        html = "".join(t.content for t in (*tokens, *_parser.parse(self.text)) if "html" in t.type)
        return tuple(str(one) for one in found if one) + tuple(
            re.findall(r"""(?:src|srcset|href)=["']([^"']+)""", html)
        )

    def anchors(self) -> tuple[str, ...]:
        """What a link may name after its #: headings, the way code hosts spell them."""
        tokens = _parser.parse(self.text)
        titles = (
            "".join(child.content for child in after.children or ())
            for token, after in pairwise(tokens)
            if token.type == "heading_open"
        )
        return tuple(_HEADING_NOISE.sub("", title.lower()).replace(" ", "-") for title in titles)

    def _fences(self) -> Iterator[tuple[str, str]]:
        """(language, content) of the fenced blocks."""
        for token in _parser.parse(self.text):
            if token.type == "fence":
                yield token.info.partition(" ")[0], token.content

    def _inline(self) -> Iterator[Token]:
        for token in _parser.parse(self.text):
            yield from token.children or ()


def is_quoted_from(quoted: tuple[str, ...], printed: str) -> bool:
    """Whether the quoted lines follow each other in what was printed."""
    parts = [
        r"(?:.*\n)*?"
        if line.strip() == ANYTHING
        else ".*?".join(map(re.escape, line.rstrip().split(ANYTHING))) + r"[ \t]*\n"
        for line in quoted
    ]
    return re.search("^" + "".join(parts), printed, re.MULTILINE) is not None


def _nothing(block: str) -> list[Command]:
    return []


def _script(block: str) -> list[Command]:
    parsed = (_parsed(line, ()) for line in _joined(block).splitlines())
    return [command for command in parsed if command]


def _session(block: str) -> list[Command]:
    head, *rest = f"\n{_joined(block)}".split(f"\n{PROMPT}")
    if head.strip():
        raise ValueError(f"{head.strip()}: a console block begins with {PROMPT!r}")
    lines = (part.rstrip("\n").splitlines() for part in rest)
    parsed = (_parsed(line, tuple(output)) for line, *output in lines)
    return [command for command in parsed if command]


def _joined(block: str) -> str:
    return re.sub(r"\\\n\s*", "", block)


def _parsed(line: str, output: tuple[str, ...]) -> Command | None:
    words = shlex.split(line, comments=True)
    is_export = words[:1] == ["export"]
    words = words[1:] if is_export else words
    variables = []
    while words and (found := _ASSIGNMENT.fullmatch(words[0])):
        variables.append((found[1], found[2]))
        words = words[1:]
    if not words and not variables:
        return None
    return Command(tuple(words), tuple(variables), output)
