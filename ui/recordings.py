"""The page on which recordings are added and watched."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import gradio as gr

from meeting_app.domain import JobState
from ui.callbacks import Fragments, callback
from ui.components.jobs import jobs, jobs_markup
from ui.components.upload import upload
from ui.presenters import present_jobs
from ui.translation import Translate

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def recordings_page(service: "MeetingService", t: Translate) -> None:
    """Adds the page to the Blocks under construction."""

    @callback
    def list_jobs() -> Fragments:
        views = present_jobs(service.jobs(), datetime.now(UTC), t)
        done = (view for view in views if view.state is JobState.DONE)
        return {
            "jobs": jobs_markup(views, t),
            "active": " ".join(view.id for view in views if view.is_active),
            "done": " ".join(f"{view.id}:{view.meeting_id}" for view in done),
        }

    @callback
    def cancel_job(job_id: str) -> Fragments:
        service.cancel(job_id)
        return {}

    @callback
    def retry_job(job_id: str) -> Fragments:
        service.retry(job_id)
        return {}

    with gr.Column(elem_id="new-page", elem_classes="view"):
        upload(t)
        jobs([list_jobs, cancel_job, retry_job])
