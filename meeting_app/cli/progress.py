"""Progress for people (a bar) and for logs (plain lines), on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

_LINE_STEP = 0.25  # of the whole: how often a log gets a line while the text stays the same


class Show(Protocol):
    """Tells how far something has come."""

    def __call__(self, text: str, fraction: float, remaining: float | None = None) -> None:
        """``text`` says what runs, ``fraction`` is 0..1, ``remaining`` is seconds."""


@contextmanager
def progress_of(name: str, console: Console | None = None) -> Iterator[Show]:
    """Shows the progress of ``name``: a moving bar on a terminal, lines otherwise."""
    console = Console(stderr=True) if console is None else console
    if not console.is_terminal:
        yield _Lines(name, console)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(name, progress)


def duration_text(seconds: float) -> str:
    """A duration at the precision people care for: "40 s", "3 min", "1 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _note(text: str, remaining: float | None) -> str:
    return text if remaining is None else f"{text}, about {duration_text(remaining)} left"


class _Bar:
    def __init__(self, name: str, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task(name, total=1.0, note="")

    def __call__(self, text: str, fraction: float, remaining: float | None = None) -> None:
        self._progress.update(self._task, completed=fraction, note=_note(text, remaining))


class _Lines:
    def __init__(self, name: str, console: Console) -> None:
        self._name = name
        self._console = console
        self._text: str | None = None
        self._fraction = 0.0

    def __call__(self, text: str, fraction: float, remaining: float | None = None) -> None:
        if text == self._text and fraction < self._fraction + _LINE_STEP:
            return
        self._text, self._fraction = text, fraction
        line = f"{self._name}: {fraction:.0%} {_note(text, remaining)}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
