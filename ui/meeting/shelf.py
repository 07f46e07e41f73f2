"""What the page asks about where a meeting is kept, and tells."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ui.callbacks import Fragments, callback
from ui.components.shelf import shelf_markup
from ui.filters import listed
from ui.translation import Translate

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def shelf_functions(
    service: "MeetingService", t: Translate
) -> list[Callable[[object], dict[str, str]]]:
    """The functions of the component ``shelf``."""

    @callback
    def shelf_of(meeting_id: str) -> Fragments:
        entry = service.shelves.entry(meeting_id)
        facets = service.shelves.facets()
        return {
            "shelf": shelf_markup(entry.folder, entry.tags, t),
            "folder": entry.folder or "",
            "tags": ", ".join(entry.tags),
            "folders": "\n".join(facet.value for facet in facets.folders),
        }

    @callback
    def keep_meeting(meeting_id: str, folder: str, tags: str) -> Fragments:
        before, wanted = service.shelves.entry(meeting_id).tags, listed(tags)
        service.shelves.move([meeting_id], folder)
        if wanted:
            service.shelves.tag([meeting_id], wanted)
        if gone := [tag for tag in before if tag not in wanted]:
            service.shelves.untag([meeting_id], gone)
        return {}

    return [shelf_of, keep_meeting]
