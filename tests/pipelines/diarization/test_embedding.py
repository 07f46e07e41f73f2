"""ECAPA-TDNN cut between trunk and pooling is still ECAPA-TDNN."""

import numpy as np
import pytest
import torch
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN

from meeting_app.errors import ModelError
from pipelines.diarization.embedding import EcapaEmbedder, choose_precision


@pytest.mark.parametrize(
    ("asked", "is_native", "chosen"),
    [
        ("auto", True, torch.bfloat16),
        ("auto", False, torch.float32),
        ("float32", True, torch.float32),
        ("bfloat16", False, torch.bfloat16),
    ],
)
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_precision_is_what_is_asked_or_what_the_device_is_made_for(
    asked, is_native, chosen, device, monkeypatch
):
    # The other device says the opposite, and must not be heard.
    on_cpu = is_native if device == "cpu" else not is_native
    on_gpu = is_native if device == "cuda" else not is_native
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": on_cpu})
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: on_gpu)
    assert choose_precision(asked, device) is chosen


def test_a_processor_that_does_not_say_multiplies_float32(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert choose_precision("auto", "cpu") is torch.float32


@pytest.mark.parametrize("content", [None, b"", b"<html>not found</html>", {"a": torch.zeros(1)}])
def test_what_are_not_the_weights_is_refused(content, tmp_path):
    path = tmp_path / "embedding_model.ckpt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ModelError, match=r"embedding_model\.ckpt: not the ECAPA weights .*; pull"):
        EcapaEmbedder(tmp_path)


# --- the published weights ------------------------------------------------------------


@pytest.fixture(autouse=True)
def _one_thread():
    """On a busy machine threads that wait for each other cost more than they give."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def embedder(models) -> EcapaEmbedder:
    return EcapaEmbedder(models("ecapa-voxceleb"))


@pytest.fixture(scope="module")
def whole(models) -> ECAPA_TDNN:
    """The network as its authors run it."""
    network = ECAPA_TDNN(80, channels=[1024, 1024, 1024, 1024, 3072], lin_neurons=192)
    path = models("ecapa-voxceleb") / "embedding_model.ckpt"
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()


@pytest.fixture(scope="module")
def sound(phone_call) -> np.ndarray:
    """Three seconds in which one person talks."""
    return phone_call.samples[23 * 16_000 : 26 * 16_000]


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.model
def test_features_are_80_every_10_ms(embedder, sound):
    assert embedder.features(sound).shape == (301, 80)


@pytest.mark.model
def test_read_only_sound_is_read(embedder, sound):
    mapped = sound[:1_600].copy()
    mapped.flags.writeable = False
    assert embedder.features(mapped).shape == (11, 80)


@pytest.mark.model
@torch.inference_mode()
def test_all_frames_pooled_are_the_networks_own_answer(embedder, whole, sound):
    features = embedder.features(sound)
    centred = features - features.mean(dim=0)
    expected = whole(centred[None])[0, 0].numpy()
    found = embedder.pool(embedder.trunk(features), np.arange(len(features)))
    assert found.shape == (192,)
    assert found == pytest.approx(expected, abs=1e-3)
    assert np.abs(expected).max() > 1  # so 0.001 is close


@pytest.mark.model
@torch.inference_mode()
def test_some_frames_pooled_are_what_the_pooling_layer_says_of_them(embedder, whole, sound):
    trunk = embedder.trunk(embedder.features(sound))
    rows = np.r_[10:80:3, 200:290]
    pooled = whole.asp(trunk.frames[torch.from_numpy(rows)].T[None])
    expected = whole.fc(whole.asp_bn(pooled)).flatten().numpy()
    assert embedder.pool(trunk, rows) == pytest.approx(expected, abs=1e-3)


@pytest.mark.model
def test_stretches_at_once_are_the_same_as_one_by_one(embedder, sound):
    features = embedder.features(sound)
    both = embedder.trunks(torch.stack([features[:60], features[200:260]]))
    for found, part in zip(both, (features[:60], features[200:260]), strict=True):
        alone = embedder.trunk(part)
        assert found.frames.numpy() == pytest.approx(alone.frames.numpy(), abs=1e-3)
        assert found.attention.numpy() == pytest.approx(alone.attention.numpy(), abs=1e-3)


@pytest.mark.model
def test_one_frame_is_enough_to_pool(embedder, sound):
    trunk = embedder.trunk(embedder.features(sound))
    assert np.isfinite(embedder.pool(trunk, np.array([7]))).all()


@pytest.mark.model
def test_loudness_does_not_matter(embedder, sound):
    loud, soft = (embedder.features(gain * sound) for gain in (1.0, 0.25))
    rows = np.arange(len(loud))
    one, other = (embedder.pool(embedder.trunk(f), rows) for f in (loud, soft))
    assert cosine(one, other) > 0.999


@pytest.mark.model
def test_bfloat16_hardly_moves_an_embedding(embedder, models, sound):
    brief = EcapaEmbedder(models("ecapa-voxceleb"), precision=torch.bfloat16)
    features = embedder.features(sound)
    rows = np.arange(len(features))
    exact = embedder.trunk(features)
    rounded = brief.trunk(features)
    assert rounded.frames.dtype == torch.float32
    assert not torch.equal(rounded.frames, exact.frames)
    assert cosine(brief.pool(rounded, rows), embedder.pool(exact, rows)) > 0.999


@pytest.mark.model
def test_two_halves_of_a_voice_are_more_alike_than_two_voices(embedder, phone_call, reference):
    halves = []
    for person in sorted(reference.labels()):
        sound = np.concatenate(
            [phone_call.crop(s).samples for s in reference.label_timeline(person) if s.duration > 1]
        )
        for half in (sound[:48_000], sound[48_000:96_000]):
            features = embedder.features(half)
            halves.append(embedder.pool(embedder.trunk(features), np.arange(len(features))))
    same = min(cosine(halves[0], halves[1]), cosine(halves[2], halves[3]))
    other = max(cosine(one, two) for one in halves[:2] for two in halves[2:])
    assert same > other + 0.1
