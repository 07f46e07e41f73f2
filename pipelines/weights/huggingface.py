"""Models from Hugging Face, at the pinned commit."""

from huggingface_hub import constants, hf_hub_url

# Documented as public; only its re-export is not declared for type checkers.
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

from meeting_app.errors import NetworkError
from pipelines.weights.catalogue import HuggingFaceSource
from pipelines.weights.download import Download, download, new_session
from pipelines.weights.pull import Pull, require_space


def pull_from_hugging_face(source: HuggingFaceSource, pull: Pull) -> None:
    """Fill ``pull.staging`` with the model's files.

    HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE are honoured: the library reads them. The bytes
    come through our own download, so that they resume and report like those of any source.

    Raises:
        NetworkError: the hub cannot be reached or does not have the file.
        HashMismatchError: a file is not the one the catalogue promises.
        NoSpaceError: the disk has too little room.
        OSError: the disk refuses.
    """
    if constants.HF_HUB_OFFLINE:
        raise NetworkError("HF_HUB_OFFLINE forbids it")
    wanted = [_wanted(source, pull, member.file, member.path) for member in source.members]
    require_space(pull.partial, sum(each.size - each.num_bytes_kept for each in wanted))
    with new_session() as session:
        before = 0
        for each, member in zip(wanted, source.members, strict=True):
            download(session, each, pull.reporter(member.file, before, pull.entry.size))
            before += each.size
    # Moved only now: a pull that breaks before keeps every file that is already whole.
    for each, member in zip(wanted, source.members, strict=True):
        target = pull.staging / member.file
        target.parent.mkdir(parents=True, exist_ok=True)
        each.path.replace(target)


def _wanted(source: HuggingFaceSource, pull: Pull, file: str, path: str) -> Download:
    promised = pull.entry.file(file)
    return Download(
        url=hf_hub_url(source.repository, path, revision=source.revision),
        path=pull.partial / file,
        size=promised.size,
        sha256=promised.sha256,
        headers=build_hf_headers(),
    )
