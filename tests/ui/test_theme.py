"""Colours are told apart by everybody, in both modes."""

from itertools import combinations

import numpy as np
import pytest

from ui.languages import LANGUAGES, language_name
from ui.theme import DARK, LIGHT, variables
from ui.translation import translator
from ui.views import NUM_SPEAKER_COLORS

# Machado et al. 2009, severity 1.0; applied to linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip


def linear(color: str) -> np.ndarray:
    values = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    first, second = (TO_XYZ[1] @ linear(color) for color in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_any_two_speaker_colors_differ_for_every_kind_of_color_vision(palette, vision):
    seen = [lab(VISION[vision] @ linear(color)) for color in palette.speakers]
    assert len(seen) == NUM_SPEAKER_COLORS
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 25


def mixed(color: str, share: float, other: str) -> str:
    """As ``color-mix(in srgb, color share, other)``."""
    pairs = ((int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(one * share + two * (1 - share)):02x}" for one, two in pairs)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_the_contrast_of_wcag_on_all_it_stands_on(palette):
    for background in (palette.canvas, palette.surface, palette.raised, palette.tint):
        assert contrast(palette.ink, background) >= 7
        assert contrast(palette.muted, background) >= 4.5
        assert contrast(palette.accent, background) >= 4.5
        assert contrast(palette.danger, background) >= 4.5
        assert contrast(palette.ink, mixed(palette.danger, 0.09, background)) >= 7
    assert contrast(palette.success, palette.surface) >= 4.5
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    assert contrast(palette.surface, palette.danger) >= 4.5  # failures that are told
    assert contrast(palette.canvas, palette.ink) >= 7  # what else is told
    assert contrast(palette.ink, palette.mark) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_the_contrast_of_wcag_on_the_color_of_a_speaker(palette):
    for color in palette.speakers:
        assert contrast(palette.ink, mixed(color, 0.14, palette.surface)) >= 4.5  # initials
        assert contrast(palette.ink, mixed(color, 0.26, palette.tint)) >= 4.5  # the word heard


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_what_can_be_used_has_an_edge_of_contrast_3(palette):
    for background in (palette.canvas, palette.surface, palette.raised, palette.tint):
        assert contrast(palette.edge, background) >= 3
    assert all(contrast(color, palette.surface) >= 3 for color in palette.speakers)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # W3C's own example


def test_dark_mode_defines_every_color_that_light_mode_defines():
    light, dark = (line for line in variables().splitlines()[:2])
    names = [{part.split(":")[0] for part in line.split() if part.startswith("--")}
             for line in (light, dark)]  # fmt: skip
    assert names[0] - names[1] == {"--font-text"}


def test_known_language_has_its_name_and_unknown_keeps_its_code():
    english, chinese = translator("en"), translator("zh")
    assert [language_name(code, english) for code in ("zh", "xx", None)] == ["Chinese", "xx", None]
    assert [language_name(code, chinese) for code in ("de", "xx", None)] == ["德语", "xx", None]
    assert len(LANGUAGES) == 100
