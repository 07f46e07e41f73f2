"""Files beside the components: templates that escape what they are given, styles, scripts."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import gradio as gr
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.translation import TAGS, Translate

_FOLDER = Path(__file__).parent
_MODULES = {"": "live", "reading": "reading", "correcting": "correcting"}
"""The folder of modules, by what stands before their names."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_templates = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(name: str, t: Translate, **values: object) -> str:
    """The template ``name``.html filled in; every text among ``values`` is escaped.

    The template says texts with ``t("…")`` and links to the server with ``url("api/…")``.
    """
    return _templates.get_template(f"{name}.html").render(values, t=t, url=t.url)


def script(name: str) -> str:
    """The text of ``name``.js."""
    return (_FOLDER / f"{name}.js").read_text(encoding="utf-8")


def module_path(name: str) -> Path | None:
    """The file of a module such as ``worklet`` or ``reading/model``; None where there is none."""
    prefix, _, stem = name.rpartition("/")
    if prefix not in _MODULES or not _NAME.fullmatch(stem):
        return None
    path = _FOLDER / _MODULES[prefix] / f"{stem}.js"
    return path if path.is_file() else None


def styles() -> str:
    """All styles, the page's own first: the others build on it."""
    files = sorted(_FOLDER.rglob("*.css"), key=lambda file: (file.stem != "page", file.stem))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def head(t: Translate) -> str:
    """What stands in the head of the page: its language, in which all scripts speak."""
    wording = {"language": t.language, "tag": TAGS[t.language], "texts": dict(t.texts)}
    # "<" must not end the element that holds the texts.
    texts = json.dumps(wording, ensure_ascii=False).replace("<", r"\u003c")
    return (
        f'<script type="application/json" id="wording">{texts}</script>'
        f"<script>{script('wording')}</script>"
    )


def scripts() -> str:
    """What stands at the end of the body: what all scripts share, and what begins at once."""
    return f"<script>{script('shared')}</script><script>{script('reading/opening')}</script>"


def component(
    name: str, markup: str, functions: Sequence[Callable[[object], dict[str, str]]] = ()
) -> gr.HTML:
    """A part of the page with the script ``name``.js.

    ``markup`` must hold nothing users wrote: Gradio compiles it as a template. Their texts come
    later, through ``functions``, and scripts put them into elements as they are.
    """
    return gr.HTML(
        value="",
        html_template=markup,
        js_on_load=script(name),
        server_functions=list(functions),
        apply_default_css=False,
        elem_id=name,
        elem_classes="part",
    )


def module_component(name: str, markup: str, folder: str = "") -> gr.HTML:
    """A part of the page whose script is the module ``name``, fetched by the browser.

    The module's ``mount(element)`` is called with the part. ``markup`` as in ``component``;
    ``folder`` ends with a slash where the modules of a page have one of their own.
    """
    return gr.HTML(
        value="",
        html_template=markup,
        js_on_load=(
            f'window.meetingApp.module("{folder}{name}").then((part) => part.mount(element));'
        ),
        apply_default_css=False,
        elem_id=name,
        elem_classes="part",
    )


def slot(name: str) -> str:
    """Markup of a component that shows nothing before its script has something to show."""
    return f'<div data-slot="{name}"></div>'
