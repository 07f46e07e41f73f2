"""A server of running meetings without page and models.

    python live_server_to_kill.py HOME [--mad-clock]

Everything between the socket and the disk is the real thing; the recognition and the stages of
the pipeline are fakes. Prints its address when it listens. With a mad clock every look at the time
of day is wrong by up to a day, this way or that.
"""

import random
import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn

from meeting_app.api.app import create_app
from meeting_app.config import JobsConfig, LiveConfig, ServerConfig
from meeting_app.domain import MediaFacts
from meeting_app.jobs import Worker
from meeting_app.live.engine import EngineProcess
from meeting_app.live.service import LiveService
from meeting_app.service import MeetingService, VoiceServices
from meeting_app.teaching import Teacher
from storage.repository import LiveStore, Media, Repository
from tests.fake_teaching import FakeReclusterer
from tests.fakes_jobs import EXPORT_TOOLS, Stages
from tests.people import people_service

LONGEST_MESSAGE = 262_144  # bytes, as `meeting-app serve` has it
ENGINE = Path(__file__).with_name("fake_live_engine.py")


def probe(path: Path, filename: str) -> MediaFacts:
    """The recording of a meeting is what the store makes of it."""
    return MediaFacts("au", "pcm_s16be", path.stat().st_size / 32_000)


def go_mad() -> None:
    """From now on the time of day is of no use."""
    sane, dice = time.time, random.Random(1)
    time.time = lambda: sane() + dice.uniform(-86_400, 86_400)


def main(home: Path) -> None:
    """Serves until it is killed."""
    repository, media = Repository.open(home), Media(home)
    people = people_service(repository, media, home.with_suffix(".key"))
    voices = VoiceServices(people, Teacher(repository, media, FakeReclusterer()))
    library = MeetingService(repository, media, probe, EXPORT_TOOLS, voices)
    stages = Stages(0.02)
    jobs = JobsConfig(lease=1.0, poll=0.1, max_attempts=100)
    worker = Worker(
        repository,
        media,
        stages.decode,
        stages.encode_playback,
        stages.write_peaks,
        stages.pipeline,
        jobs,
    )
    threading.Thread(target=worker.run_forever, args=(lambda: False,), daemon=True).start()
    engine = EngineProcess([sys.executable, str(ENGINE)])
    with (
        LiveService(LiveStore(home), library, engine, LiveConfig()) as live,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        web = create_app(library, ServerConfig(), live)
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            web, log_level="warning", ws_max_size=LONGEST_MESSAGE, ws_per_message_deflate=False
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    if "--mad-clock" in sys.argv:
        go_mad()
    main(Path(sys.argv[1]))
