"""Jobs over REST."""

from typing import TYPE_CHECKING

from fastapi import APIRouter

from meeting_app.api.schemas import JobSchema

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def jobs_router(service: "MeetingService") -> APIRouter:
    """Where work is watched, stopped and asked for again."""
    router = APIRouter(tags=["jobs"])

    @router.get("/jobs", summary="All jobs, or those that are not finished")
    def list_jobs(only_active: bool = False) -> tuple[JobSchema, ...]:
        return tuple(JobSchema.of(job) for job in service.jobs(only_active=only_active))

    @router.get("/jobs/{job_id}", summary="One job")
    def get_job(job_id: str) -> JobSchema:
        return JobSchema.of(service.job(job_id))

    @router.post("/jobs/{job_id}/cancel", summary="Stop a job")
    def cancel_job(job_id: str) -> JobSchema:
        return JobSchema.of(service.cancel(job_id))

    @router.post("/jobs/{job_id}/retry", summary="Try a failed or cancelled job again")
    def retry_job(job_id: str) -> JobSchema:
        return JobSchema.of(service.retry(job_id))

    return router
