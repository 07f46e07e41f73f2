"""Colours and type of the page: one place for Gradio's widgets and our own components."""

from dataclasses import dataclass, fields

import gradio as gr

from ui.views import NUM_SPEAKER_COLORS


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one mode, as CSS writes them."""

    canvas: str  # behind everything
    surface: str  # cards and bars
    raised: str  # fields, hovered rows
    line: str  # borders that only divide
    edge: str  # borders that show where something can be typed or chosen
    ink: str  # text
    muted: str  # secondary text
    accent: str  # links, buttons, focus
    on_accent: str  # text on the accent
    tint: str  # what is playing or chosen
    mark: str  # behind found words
    doubt: str  # under words that may be wrong
    danger: str
    success: str
    shadow: str
    speakers: tuple[str, ...]  # NUM_SPEAKER_COLORS of them


# Speaker colours were moved from hand-picked hues until any two differ by at least 25 in CIELAB
# for full colour vision and for simulated protanopia, deuteranopia and tritanopia
# (Machado et al. 2009), with a contrast of at least 3 against the surface. Names always stand
# beside them.
LIGHT = Palette(
    canvas="#f6f7f5",
    surface="#ffffff",
    raised="#f1f3f0",
    line="#dfe3de",
    edge="#7c8681",
    ink="#17201d",
    muted="#5a6661",
    accent="#0a6b60",
    on_accent="#ffffff",
    tint="#e4f2ee",
    mark="#ffe9a3",
    doubt="#a85d00",
    danger="#b3261e",
    success="#1b7a45",
    shadow="0 1px 2px rgb(16 32 28 / 6%), 0 8px 24px rgb(16 32 28 / 6%)",
    speakers=(
        "#3e5ce9", "#d47c0f", "#00a665", "#c373d1", "#9e0000", "#252c6a", "#6f6075", "#6a0524",
    ),
)  # fmt: skip
DARK = Palette(
    canvas="#101413",
    surface="#171c1b",
    raised="#212827",
    line="#2f3836",
    edge="#707d79",
    ink="#e8edeb",
    muted="#9aa8a3",
    accent="#57cdb9",
    on_accent="#06231f",
    tint="#1b312d",
    mark="#6b5410",
    doubt="#f0b45c",
    danger="#ff8a80",
    success="#6fd39a",
    shadow="0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px rgb(0 0 0 / 30%)",
    speakers=(
        "#6ba6fa", "#d37900", "#43ffba", "#a46498", "#ed3e56", "#8956ff", "#ccd9ff", "#ffde20",
    ),
)  # fmt: skip
_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Gradio's own parts in our colours; fonts of the system, so nothing is fetched."""
    base = gr.themes.Base(font=_SANS, font_mono=_MONO)
    return base.set(
        body_background_fill=LIGHT.canvas,
        body_background_fill_dark=DARK.canvas,
        body_text_color=LIGHT.ink,
        body_text_color_dark=DARK.ink,
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        layout_gap="0px",
    )


def variables() -> str:
    """Both palettes as CSS custom properties; Gradio puts ``dark`` on the body."""
    fonts = f"--font-text: {', '.join(_quoted(name) for name in _SANS)};"
    return "\n".join(
        (
            f":root {{ color-scheme: light; {fonts} {_declarations(LIGHT)} }}",
            f".dark {{ color-scheme: dark; {_declarations(DARK)} }}",
            *(
                f".speaker-{number} {{ --speaker: var(--speaker-{number}); }}"
                for number in range(1, NUM_SPEAKER_COLORS + 1)
            ),
        )
    )


def _declarations(palette: Palette) -> str:
    colors: dict[str, str] = {
        field.name.replace("_", "-"): getattr(palette, field.name)
        for field in fields(palette)
        if field.name != "speakers"
    }
    speakers = {f"speaker-{n}": color for n, color in enumerate(palette.speakers, start=1)}
    return " ".join(f"--{name}: {value};" for name, value in (colors | speakers).items())


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
