"""How a Word document looks: fonts, styles, page, tables; and what python-docx leaves to XML."""

from collections.abc import Sequence

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from meeting_app.formats.outline import Outline
from meeting_app.formats.text import is_right_to_left

_LATIN_FONT = "Calibri"
_CHINESE_FONT = "Microsoft YaHei"  # Word takes the nearest one where it is missing
_INK, _MUTED, _LINE = "1F2328", "62666D", "D9DCE1"
_PAGE_WIDTH, _PAGE_HEIGHT, _MARGIN = 21.0, 29.7, 2.3  # cm; A4
BODY_WIDTH = _PAGE_WIDTH - 2 * _MARGIN  # cm

# Style → size, space before, space after, in points. Headings stay with what follows them.
_STYLES = {
    "Normal": (10.5, 0, 6),
    "Title": (26, 0, 4),
    "Subtitle": (10.5, 0, 14),
    "Heading 1": (17, 22, 8),
    "Heading 2": (13, 16, 5),
    "Heading 3": (11, 10, 3),
    "List Bullet": (10.5, 0, 4),
}
# Styles of our own, each based on Normal.
_OWN_STYLES = {
    "Facts": (9, 0, 8),
    "Turn": (9.5, 8, 1),
    "Said": (10.5, 0, 4),
    "Contents": (10.5, 0, 3),
    "Gap": (4, 0, 0),
}
# Properties of a paragraph that occur here, as the schema of Office Open XML orders them.
_ORDER = (
    *("w:pBdr", "w:shd", "w:tabs", "w:bidi", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"),
    *("w:rPr", "w:sectPr"),
)
_GREY_STYLES = ("Subtitle", "Facts")


def set_styles(word: Document, language: str) -> None:
    """Gives the document its typography; ``language`` is that of its headings."""
    for name, sizes in _OWN_STYLES.items():
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        _set_style(style, *sizes)
    for name, sizes in _STYLES.items():
        _set_style(word.styles[name], *sizes)
    normal = word.styles["Normal"]
    normal.paragraph_format.line_spacing = 1.2
    normal.paragraph_format.widow_control = True
    for name in ("Title", "Heading 1", "Heading 2", "Heading 3"):
        word.styles[name].font.bold = True
        word.styles[name].paragraph_format.keep_with_next = True
        _drop(word.styles[name].element.get_or_add_pPr(), "w:pBdr")
    word.styles["Subtitle"].font.italic = False
    word.styles["Turn"].paragraph_format.keep_with_next = True
    word.styles["Facts"].paragraph_format.keep_with_next = True
    _set_tabs(word.styles["Contents"])
    _set_language(word, language)


def _set_style(style: ParagraphStyle, size: float, before: float, after: float) -> None:
    style.font.name = _LATIN_FONT
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor.from_string(_MUTED if style.name in _GREY_STYLES else _INK)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    properties = style.element.get_or_add_rPr()
    for tag in ("w:spacing", "w:kern"):  # the template spreads the letters of titles
        _drop(properties, tag)
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme would win over the names
    fonts.set(qn("w:hAnsi"), _LATIN_FONT)
    fonts.set(qn("w:eastAsia"), _CHINESE_FONT)


def _set_tabs(style: ParagraphStyle) -> None:
    """A column for times and one for pages, led to by dots."""
    stops = style.paragraph_format.tab_stops
    stops.add_tab_stop(Cm(BODY_WIDTH - 1.3), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    stops.add_tab_stop(Cm(BODY_WIDTH), WD_TAB_ALIGNMENT.RIGHT)


def _set_language(word: Document, language: str) -> None:
    latin = language if not language.startswith("zh") else "en-US"
    for marks in word.styles.element.iter(qn("w:rPrDefault")):
        properties = marks.find(qn("w:rPr"))
        _drop(properties, "w:lang")
        tag = OxmlElement("w:lang")
        tag.set(qn("w:val"), latin)
        tag.set(qn("w:eastAsia"), "zh-CN")
        tag.set(qn("w:bidi"), "ar-SA")
        properties.append(tag)


def set_page(word: Document, outline: Outline) -> None:
    """Paper, properties, the title above and the number below each page."""
    properties = word.core_properties
    properties.title = outline.title[:255]  # Word's own limit
    properties.author = properties.comments = ""
    properties.language = outline.say.tag
    section = word.sections[0]
    section.page_width, section.page_height = Cm(_PAGE_WIDTH), Cm(_PAGE_HEIGHT)
    section.left_margin = section.right_margin = Cm(_MARGIN)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
    section.header_distance = section.footer_distance = Cm(1.1)
    section.different_first_page_header_footer = True  # the first page has the title itself
    header = section.header.paragraphs[0]
    muted(header.add_run(outline.title))
    set_direction(header, outline.title)
    for footer in (section.footer, section.first_page_footer):
        _write_number(footer.paragraphs[0], outline)


def _write_number(paragraph: Paragraph, outline: Outline) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    text = outline.say("Page {page} of {pages}", page="\x00PAGE\x00", pages="\x00NUMPAGES\x00")
    for index, piece in enumerate(text.split("\x00")):
        if index % 2:
            add_field(paragraph, piece, "1")
        elif piece:
            muted(paragraph.add_run(piece))


def new_table(
    word: Document, headings: Sequence[str], widths: Sequence[float], *, has_lines: bool = False
) -> Table:
    """A table with a header that is repeated on each page.

    Args:
        word: where it comes last.
        headings: of the columns.
        widths: of the columns, in centimetres.
        has_lines: whether rows are parted by lines.
    """
    table: Table = word.add_table(rows=0, cols=len(headings))
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    borders = ("bottom", "insideH") if has_lines else ()
    later = ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    table._tbl.tblPr.insert_element_before(_borders("w:tblBorders", borders), *later)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for cell, heading in zip(new_row(table), headings, strict=True):
        muted(cell.add_run(heading))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return table


def new_row(table: Table) -> list[Paragraph]:
    """The cells of another row, which no page break tears apart."""
    row = table.add_row()  # type: ignore[no-untyped-call]  # python-docx has left it out
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    cells = []
    for cell, column in zip(row.cells, table.columns, strict=True):
        cell.width = column.width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = Pt(2)
        paragraph.paragraph_format.space_after = Pt(2)
        cells.append(paragraph)
    return cells


def muted(run: Run) -> Run:
    """Small and grey: a time, a heading of a column."""
    run.font.size, run.font.color.rgb = Pt(9), RGBColor.from_string(_MUTED)
    return run


def coloured(run: Run, colour: str) -> None:
    """Bold, in the colour of a speaker."""
    run.bold = True
    run.font.color.rgb = RGBColor.from_string(colour)


def shade(paragraph: Paragraph, colour: str) -> None:
    """Fills the paragraph with a colour."""
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shading.set(qn(f"w:{name}"), value)
    _insert(paragraph, shading)


def add_rule(paragraph: Paragraph) -> None:
    """A thin line below the paragraph."""
    border = _borders("w:pBdr", ("bottom",))
    border[0].set(qn("w:space"), "8")
    _insert(paragraph, border)


def add_field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    """Something that Word works out, such as PAGE; ``shown`` stands there until it does."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = muted(paragraph.add_run(shown))
    paragraph._p.append(field)
    field.append(run._r)


def add_bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """A place that links lead to; ``number`` is unique in the document."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:name"), name)
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
        paragraph._p.append(mark)


def add_link(paragraph: Paragraph, run: Run, bookmark: str) -> None:
    """Makes the run, the paragraph's last, lead to the bookmark."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), bookmark)
    paragraph._p.append(link)
    link.append(run._r)


def set_direction(paragraph: Paragraph, text: str) -> None:
    """Right to left, where the text runs like that."""
    if is_right_to_left(text):
        _insert(paragraph, OxmlElement("w:bidi"))


def _insert(paragraph: Paragraph, element: BaseOxmlElement) -> None:
    """Where the schema wants the property among others: Word refuses files that differ."""
    place = [qn(tag) for tag in _ORDER].index(element.tag)
    paragraph._p.get_or_add_pPr().insert_element_before(element, *_ORDER[place + 1 :])


def _borders(tag: str, sides: Sequence[str]) -> BaseOxmlElement:
    borders = OxmlElement(tag)
    for side in sides:
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", _LINE)):
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    return borders


def _drop(parent: BaseOxmlElement, tag: str) -> None:
    for child in parent.findall(qn(tag)):
        parent.remove(child)
