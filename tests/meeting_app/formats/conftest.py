"""A font small enough to make in a moment."""

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

COVERED = [*map(chr, range(0x20, 0x7F)), *"·–—…□今天开会。"]
EM = 1000


@pytest.fixture(scope="session")
def tiny_font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TrueType font of squares: ASCII, a few marks and five Chinese characters."""
    names = {character: f"u{ord(character):04X}" for character in COVERED}
    pen = TTGlyphPen(None)
    for index, corner in enumerate([(50, 0), (50, 700), (450, 700), (450, 0)]):
        (pen.lineTo if index else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    glyphs = [".notdef", *names.values()]
    font = FontBuilder(EM, isTTF=True)
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap({ord(character): name for character, name in names.items()})
    font.setupGlyf(dict.fromkeys(glyphs, square))
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (500, 50)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Tiny", "styleName": "Regular", "psName": "Tiny-Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200, sCapHeight=700, usWinAscent=800)
    font.setupPost()
    path = tmp_path_factory.mktemp("font") / "tiny.ttf"
    font.save(path)
    return path
