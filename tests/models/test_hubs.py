"""Both hub sources against a hub that speaks their protocols, faults included."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lemmata import settings
from lemmata.errors import (
    BadInput,
    DiskFull,
    EnvironmentMissing,
    LemmataError,
    ModelRefused,
    NoNetwork,
    UnknownModel,
)
from lemmata.models.progress import silent
from lemmata.models.sources.hf import HuggingFace
from lemmata.models.sources.modelscope import ModelScope
from models import hub_server

BIG = bytes(range(256)) * 400
FILES = {
    "config.json": b'{"model_type": "qwen2"}',
    "tokenizer.json": json.dumps({"model": "x" * 5_000}).encode(),
    "model.safetensors": BIG,
    "README.md": b"# A model\n",
    "pytorch_model.bin": b"pickle",
    "modeling_evil.py": b"import os",
}
FETCHED = {"config.json", "tokenizer.json", "model.safetensors", "README.md"}


@pytest.fixture
def hub():
    hub = hub_server.Hub("Org/Model", dict(FILES))
    server = hub_server.start(hub)
    yield hub
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["hf", "modelscope"])
def source(request, hub, monkeypatch, tmp_path):
    # The libraries wait between tries, try often and keep what arrives in large pieces.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 4_096)
    monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_RETRY_TIMES", 2)
    monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_INTEGRITY_RETRY_BACKOFF", 0.01)
    now = replace(
        settings.load(),
        home=tmp_path,
        hf_endpoint=hub.address,
        modelscope_domain=hub.address,
        offline=False,
    )
    kind = HuggingFace if request.param == "hf" else ModelScope
    return lambda place="Org/Model", **changes: kind(place, replace(now, **changes))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder


def _files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_model_comes_whole_and_nothing_else_comes(source, folder):
    seen = []
    fetched = source().fetch(folder, lambda stage, done, total: seen.append((done, total)))
    assert _files(folder) == {name: FILES[name] for name in FETCHED}
    assert set(fetched.files) == FETCHED
    assert fetched.files["model.safetensors"][0] == len(BIG)
    assert seen[-1] == (sum(len(FILES[name]) for name in FETCHED),) * 2


def test_the_revision_that_came_is_kept(source, folder):
    assert source().fetch(folder, silent).revision in {hub_server.COMMIT, "master"}


def test_a_broken_connection_is_resumed_where_it_broke(source, hub, folder):
    hub.cut_after["model.safetensors"] = [50_000]
    source().fetch(folder, silent)
    assert _files(folder)["model.safetensors"] == BIG
    assert any(
        name == "model.safetensors" and int(range_.split("=")[1].split("-")[0]) > 0
        for name, range_ in (line.split() for line in hub.ranges)
    )


def test_a_later_pull_takes_up_what_an_earlier_one_left(source, hub, folder):
    hub.cut_after["model.safetensors"] = [60_000, *[0] * 40]
    with pytest.raises(NoNetwork, match="Run again to resume"):
        source().fetch(folder, silent)
    assert "model.safetensors" not in _files(folder)
    hub.cut_after.clear()
    hub.ranges.clear()
    source().fetch(folder, silent)
    assert _files(folder)["model.safetensors"] == BIG
    begun = [int(line.split("=")[1].split("-")[0]) for line in hub.ranges]
    assert begun
    assert max(begun) > 0


def test_modelscope_fetches_large_files_in_parts(hub, folder, monkeypatch, tmp_path):
    monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_PARALLEL_THRESHOLD", 10_000)
    monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_PART_SIZE", 30_000)
    monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_PARALLELS", 3)
    now = replace(settings.load(), home=tmp_path, modelscope_domain=hub.address, offline=False)
    ModelScope("Org/Model", now).fetch(folder, silent)
    assert _files(folder) == {name: FILES[name] for name in FETCHED}
    assert len([line for line in hub.ranges if line.startswith("model.safetensors")]) >= 4


def test_what_is_there_is_not_fetched_twice(source, hub, folder):
    source().fetch(folder, silent)
    hub.delivered.clear()
    source().fetch(folder, silent)
    assert hub.delivered == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_wrong_bytes_are_thrown_away(source, hub, folder, name):
    hub.served[name] = bytes(len(FILES[name]))
    with pytest.raises(ModelRefused, match="hash that was promised"):
        source().fetch(folder, silent)
    assert name not in _files(folder)
    hub.served.clear()
    source().fetch(folder, silent)
    assert _files(folder)[name] == FILES[name]


@pytest.mark.parametrize("content", [BIG[:-100], BIG + b"more"])
def test_another_length_is_thrown_away(source, hub, folder, content):
    hub.served["model.safetensors"] = content
    with pytest.raises((ModelRefused, NoNetwork)):
        source().fetch(folder, silent)
    assert "model.safetensors" not in _files(folder)
    hub.served.clear()
    source().fetch(folder, silent)
    assert _files(folder)["model.safetensors"] == BIG


def test_a_file_changed_in_the_staging_folder_is_fetched_again(source, folder):
    source().fetch(folder, silent)
    (folder / "model.safetensors").write_bytes(bytes(len(BIG)))
    source().fetch(folder, silent)
    assert _files(folder)["model.safetensors"] == BIG


def test_an_unknown_model(source, folder):
    with pytest.raises(UnknownModel, match="has no model Org/None"):
        source("Org/None").fetch(folder, silent)


def test_nobody_answers(source, folder):
    with pytest.raises(NoNetwork, match="does not answer"):
        source(hf_endpoint="http://127.0.0.1:9", modelscope_domain="http://127.0.0.1:9").fetch(
            folder, silent
        )


def test_the_hub_is_ill(source, hub, folder):
    hub.refuse = (503, "")
    with pytest.raises(NoNetwork):
        source().fetch(folder, silent)


def test_a_closed_door(source, hub, folder):
    hub.refuse = (403, "GatedRepo")
    with pytest.raises(EnvironmentMissing, match=r"gated|token"):
        source().fetch(folder, silent)


def test_offline_mode_touches_no_network(source, hub, folder):
    with pytest.raises(NoNetwork, match="offline"):
        source(offline=True).fetch(folder, silent)
    assert hub.delivered == []


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("model.safetensors", "safetensors"), ("tokenizer.json", "tokenizer.json")],
)
def test_a_repository_that_is_no_model(source, hub, folder, missing, reason):
    del hub.files[missing]
    with pytest.raises(ModelRefused, match=reason):
        source().fetch(folder, silent)
    assert hub.delivered == []


def test_a_disk_too_small_is_told_before_the_download(source, hub, folder, monkeypatch):
    monkeypatch.setattr("lemmata.models.landing._free", lambda folder: 1_000)
    with pytest.raises(DiskFull, match="are needed"):
        source().fetch(folder, silent)
    assert hub.delivered == []


def test_a_name_that_is_none(source, folder):
    with pytest.raises((BadInput, LemmataError)):
        source("no name/../at all").fetch(folder, silent)
