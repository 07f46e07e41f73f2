"""Flowing text on PDF pages: coloured pieces, links, line breaks that know Chinese."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont

from meeting_app.formats.text import break_units, chop

_FAMILY = "body"
_MISSING = "□"  # what stands for a character the font does not have
_INVISIBLE = frozenset("\u200b\u200c\u200d\ufe0e\ufe0f")  # joiners and variants mean nothing alone
_STROKE_RATIO = 0.035  # width of the outline that makes letters bold ÷ their size
_CELL_GAP = 2.0  # mm
_COLUMN_GAP, _ROW_PADDING = 5.0, 1.6  # mm
_ELLIPSIS = "…"
_MUTED_COLOUR = "62666D"
_DOT_COLOUR = "A1A1AA"
_LINE_SPACING = 1.55  # the font is tall: Chinese needs the room
_MEASURED_SIZE = 100  # points
_MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style."""

    text: str
    size: float = 10.0  # points
    colour: str = "18181B"  # hexadecimal RGB
    is_bold: bool = False
    link: int | None = None  # where a click leads; None is nowhere


def _height(span: Span) -> float:
    """Of a line, in millimetres."""
    return span.size * _LINE_SPACING * _MM_PER_POINT


class Paper(FPDF):
    """A4 pages in one font, numbered at the foot, with a running title from the second on."""

    def __init__(self, font: Path, running_title: str) -> None:
        """``font`` is TrueType or OpenType; ``running_title`` stands above each page but one."""
        super().__init__(format="A4")
        self.add_font(_FAMILY, fname=font)
        self.set_font(_FAMILY, size=10)
        embedded = self.fonts[_FAMILY]
        self._covered = frozenset(embedded.cmap if isinstance(embedded, TTFFont) else ())
        self._running_title = running_title
        self._widths: dict[str, float] = {}  # text → millimetres at one point
        self.has_missing = False  # whether some character could not be shown
        self.set_margins(22, 20, 22)
        self.c_margin = 0  # cells are set side by side as running text
        self.set_auto_page_break(True, margin=22)
        # Or "{nb}" in a transcript would become the number of pages; None is the documented way.
        self.alias_nb_pages(None)  # type: ignore[arg-type]

    def header(self) -> None:
        """Called by the library at the beginning of each page."""
        if self.page_no() == 1:  # it has the title itself
            return
        self.set_y(10)
        style = Span(self._running_title, 8, _MUTED_COLOUR)
        self._put(style, self.epw, self._fitting(style, self.epw))
        self.set_y(self.t_margin)

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-15)
        style = Span("", 8, _MUTED_COLOUR)
        number = str(self.page_no())
        self.set_x(self.w - self.r_margin - self._width(number, style))
        self._put(style, self._width(number, style), number)

    def shown(self, text: str) -> str:
        """The text with a box for each character the font lacks."""
        visible = [character for character in text if character not in _INVISIBLE]
        lacking = {character for character in visible if ord(character) not in self._covered}
        self.has_missing = self.has_missing or bool(lacking)
        return "".join(_MISSING if character in lacking else character for character in visible)

    def flow(self, *spans: Span, indent: float = 0.0, gap: float = 2.0) -> None:
        """A paragraph; ``indent`` in millimetres on the left, ``gap`` below it.

        No page ends with its first line alone or begins with its last.
        """
        height = max(map(_height, spans))
        lines = list(self._lines(spans, self.epw - indent))
        turn_over = self._lines_before_break(len(lines), height)
        for index, line in enumerate(lines):
            if index == turn_over:
                self.add_page()
            self.keep(height)
            self.set_x(self.l_margin + indent)
            for span in line:
                self._put(span, self._width(span.text, span), span.text, height)
            self.ln(height)
        self.ln(gap)

    def table_row(self, cells: Sequence[tuple[Sequence[Span], float]], line_colour: str) -> None:
        """Paragraphs side by side, each with its width in millimetres, and a line below.

        A row that is longer than a page is cut off at its end.
        """
        columns = [
            ([*self._lines(spans, width - _COLUMN_GAP)], max(map(_height, spans)))
            for spans, width in cells
        ]
        tallest = max(len(lines) * height for lines, height in columns)
        self.keep(min(tallest + 2 * _ROW_PADDING, self.eph))
        left, top = self.l_margin, self.get_y() + _ROW_PADDING
        for (lines, height), (_, width) in zip(columns, cells, strict=True):
            for index, line in enumerate(lines):
                y = top + index * height
                if y + height > self.page_break_trigger:
                    break
                self.set_xy(left, y)
                for span in line:
                    self._put(span, self._width(span.text, span), span.text, height)
            left += width
        bottom = min(top + tallest + _ROW_PADDING, self.page_break_trigger)
        self.set_xy(self.l_margin, bottom)
        self.rule(line_colour)

    def rule(self, colour: str) -> None:
        """A thin line across the page."""
        self.bar(self.epw, 0.25, colour, drop=0)

    def keep(self, height: float) -> None:
        """A new page unless this many millimetres are left on this one."""
        if self.will_page_break(height):
            self.add_page()

    def row(self, cells: Sequence[tuple[Span, float]]) -> None:
        """One line of cells with their widths in millimetres; what does not fit is cut off."""
        for span, width in cells:
            self._put(span, width, self._fitting(span, width - _CELL_GAP))

    def bullet(self) -> None:
        """A dot at the left margin, beside the first line of the paragraph that follows."""
        height = _height(Span(""))
        self.keep(height)
        self.set_fill_color(f"#{_DOT_COLOUR}")
        self.circle(self.l_margin + 1.8, self.get_y() + height / 2, 0.55, style="F")

    def bar(self, width: float, height: float, colour: str, drop: float = 1.6) -> None:
        """A filled rectangle ``drop`` below the current place, all in millimetres."""
        self.set_fill_color(f"#{colour}")
        self.rect(self.get_x(), self.get_y() + drop, width, height, style="F")

    def _lines_before_break(self, num_lines: int, height: float) -> int | None:
        """How many lines of a paragraph stay on this page, if that is not left to chance."""
        room = int((self.page_break_trigger - self.get_y() + 1e-6) // height)
        if room >= num_lines or num_lines < 2:
            return None
        if room <= 1:
            return 0
        return room - 1 if num_lines - room == 1 and room > 2 else None

    def _put(self, span: Span, width: float, text: str, height: float | None = None) -> None:
        self.set_font(_FAMILY, size=span.size)
        self.set_text_color(f"#{span.colour}")
        height = _height(span) if height is None else height
        if not span.is_bold:
            self.cell(width, height, text, link=span.link or "")
            return
        outline = span.size * _STROKE_RATIO * _MM_PER_POINT  # one weight of the font makes two
        with self.local_context(
            text_mode=TextMode.FILL_STROKE, line_width=outline, draw_color=f"#{span.colour}"
        ):
            self.cell(width, height, text, link=span.link or "")

    def _fitting(self, span: Span, room: float) -> str:
        """As much of the text as fits, with an ellipsis where it was cut."""
        text = self.shown(span.text)
        if self._width(text, span) <= room:
            return text
        room -= self._width(_ELLIPSIS, span)
        return next(chop(text, partial(self._width, span=span), room)).rstrip() + _ELLIPSIS

    def _lines(self, spans: Sequence[Span], room: float) -> Iterator[list[Span]]:
        line: list[Span] = []
        used, source = 0.0, None
        for span, unit in self._units(spans, room):
            if line and used + self._width(unit.rstrip(), span) > room:
                yield line
                line, used, source = [], 0.0, None
            if span is source:
                line[-1] = replace(span, text=line[-1].text + unit)
            else:
                line.append(replace(span, text=unit))
            used, source = used + self._width(unit, span), span
        if line:
            yield line

    def _units(self, spans: Sequence[Span], room: float) -> Iterator[tuple[Span, str]]:
        for span in spans:
            for unit in break_units(self.shown(span.text)):
                if self._width(unit.rstrip(), span) <= room:
                    yield span, unit
                    continue
                for piece in chop(unit, partial(self._width, span=span), room):
                    yield span, piece

    def _width(self, text: str, span: Span) -> float:
        """Millimetres; widths grow with the size, so each text is measured once."""
        if text not in self._widths:
            self.set_font(_FAMILY, size=_MEASURED_SIZE)
            self._widths[text] = self.get_string_width(text) / _MEASURED_SIZE
        return self._widths[text] * span.size
