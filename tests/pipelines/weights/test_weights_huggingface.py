import pytest

from meeting_app.errors import NetworkError
from pipelines.weights.store import WeightsStore

HUB_SOURCE = """
[[model.source]]
kind = "huggingface"
repository = "someone/toy"
revision = "abc123"
members = [
    { path = "config.json", file = "config.json" },
    { path = "pytorch/weights", file = "nested/model.bin" },
]
"""


@pytest.fixture
def with_hub(toy):
    """The made-up model with Hugging Face as its second source."""
    toy.catalogue_path.write_text(toy.catalogue_path.read_text() + HUB_SOURCE)
    return toy


def test_hub_at_the_pinned_commit_helps_when_the_index_cannot(
    index, with_hub, cache, contents, start_pull
):
    prefix = "/someone/toy/resolve/abc123"
    index.files[f"{prefix}/config.json"] = with_hub.files["config.json"]
    index.files[f"{prefix}/pytorch/weights"] = with_hub.files["nested/model.bin"]

    process = start_pull(HF_ENDPOINT=index.address)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert contents(cache / "toy") == with_hub.files


def test_hub_that_the_user_forbids_is_not_asked(closed_port, with_hub, cache, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    store = WeightsStore(cache, catalogue=with_hub.catalogue)

    with pytest.raises(NetworkError) as caught:
        store.get("toy")

    assert "toy-one==1.0 + toy-two==1.0: " in str(caught.value)
    assert "Hugging Face someone/toy: HF_HUB_OFFLINE forbids it" in str(caught.value)
