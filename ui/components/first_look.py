"""What the page shows of a meeting before Gradio has started."""

import re

from ui.components.assets import render, slot
from ui.translation import Translate

_PARTS = (
    *("page", "meeting-page", "heading", "lanes", "chapters", "transcript"),
    *("minutes", "statistics", "player"),
)
_NAMED = re.compile(rf"#({'|'.join(_PARTS)})(?![\w-])")


def first_look(t: Translate) -> str:
    """The frames of the page's parts, which ``reading/first.js`` fills and shows."""
    parts = {
        "heading": slot("heading"),
        "lanes": render("reading/lanes", t),
        "chapters": slot("chapters"),
        "transcript": render("reading/transcript", t),
        "minutes": slot("minutes"),
        "statistics": slot("statistics"),
        "player": render("reading/player", t),
    }
    return render("first_look", t, page=render("page", t), parts=parts)


def styles_for_both(styles: str) -> str:
    """Styles that hold for a part by its id and for what stands in for it in the first look."""
    return _NAMED.sub(r':is(#\1, [data-as="\1"])', styles)
