"""Data sets of the hub, against a stand-in on loopback that speaks its protocol."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

import pyarrow as arrow
import pytest
from pyarrow import parquet

from lemmata import settings
from lemmata.data import hub
from lemmata.data.read import open_sources
from lemmata.data.tally import Tally
from lemmata.errors import BadData, NoNetwork
from lemmata.models.progress import silent
from lemmata.settings import Settings

COMMIT = "c0ffee" + "0" * 34
ROW = {"question": "What is 2 + 2?", "answer": "2 + 2 = <<2+2=4>>4\n#### 4"}


@dataclass
class Stand:
    """Files by revision of one data set, and what was downloaded."""

    revisions: dict[str, dict[str, bytes]]
    status: int = 200
    delivered: list[str] = field(default_factory=list)
    address: str = ""


class _Handler(BaseHTTPRequestHandler):
    stand: Stand

    def log_message(self, *_: object) -> None: ...

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        parts = [unquote(part) for part in urlparse(self.path).path.strip("/").split("/")]
        if self.stand.status != 200:
            self._send(self.stand.status, b"{}", {}, body)
        elif parts[:2] == ["api", "datasets"] and "/".join(parts[2:4]) == "org/sums":
            self._listing(parts[5] if len(parts) > 5 else "main", body)
        elif parts[:4] == ["datasets", "org", "sums", "resolve"]:
            self._file(parts[4], "/".join(parts[5:]), body)
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)

    def _listing(self, revision: str, body: bool) -> None:
        files = self.stand.revisions.get(revision)
        if files is None:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
            return
        tree = [
            {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
            for name, content in files.items()
        ]
        self._send(200, json.dumps(tree).encode(), {}, body)

    def _file(self, revision: str, name: str, body: bool) -> None:
        content = self.stand.revisions[revision][name]
        if body:
            self.stand.delivered.append(name)
        tag = hashlib.sha256(content).hexdigest()
        self._send(200, content, {"X-Repo-Commit": COMMIT, "ETag": f'"{tag}"'}, body)

    def _send(self, status: int, content: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)


def table(tmp_path: Path, count: int) -> bytes:
    path = tmp_path / "table.parquet"
    parquet.write_table(arrow.Table.from_pylist([ROW] * count), path)
    return path.read_bytes()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    main = {
        "README.md": b"# Sums",
        "main/train-00000-of-00001.parquet": table(tmp_path, 3),
        "main/test-00000-of-00001.parquet": table(tmp_path, 2),
    }
    made = Stand({"main": main})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"stand": made}))
    made.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def online(stand: Stand, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    return replace(settings.load(), home=home, hf_endpoint=stand.address, offline=False)


def read(spec: str, using: Settings) -> int:
    tally = Tally()
    return sum(
        len(list(source.samples(tally))) for source in open_sources(spec, using, silent, 0, ())
    )


def test_the_training_files_are_read_and_fetched_once(stand: Stand, tmp_path: Path) -> None:
    using = online(stand, tmp_path)
    assert read("hf:org/sums", using) == 3
    assert read("hf:org/sums", using) == 3
    assert stand.delivered == ["main/train-00000-of-00001.parquet"]


def test_a_folder_pattern_and_a_revision_choose(stand: Stand, tmp_path: Path) -> None:
    stand.revisions["v2"] = {"train.jsonl": (json.dumps(ROW) + "\n").encode() * 5}
    using = online(stand, tmp_path)
    assert read("hf:org/sums:main/test*", using) == 2
    assert read("hf:org/sums@v2", using) == 5


def test_a_script_only_set_is_taken_from_the_converted_files(stand: Stand, tmp_path: Path) -> None:
    converted = {"default/train/0000.parquet": table(tmp_path, 4)}
    stand.revisions = {"main": {"sums.py": b"..."}, "refs/convert/parquet": converted}
    assert read("hf:org/sums", online(stand, tmp_path)) == 4


def test_several_subsets_are_not_mixed(stand: Stand, tmp_path: Path) -> None:
    stand.revisions["main"]["socratic/train-00000-of-00001.parquet"] = table(tmp_path, 1)
    using = online(stand, tmp_path)
    with pytest.raises(BadData, match="several subsets: main, socratic"):
        read("hf:org/sums", using)
    assert read("hf:org/sums:socratic", using) == 1


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("hf:org/none", "no data set org/none"),
        ("hf:org/sums@nowhere", "no such revision"),
        ("hf:org/sums:extra/*", "no data files like 'extra/"),
    ],
)
def test_what_is_not_there_is_said(stand: Stand, tmp_path: Path, spec: str, reason: str) -> None:
    with pytest.raises(BadData, match=reason):
        read(spec, online(stand, tmp_path))


def test_offline_and_a_hub_that_refuses(stand: Stand, tmp_path: Path) -> None:
    using = online(stand, tmp_path)
    with pytest.raises(NoNetwork, match="HF_HUB_OFFLINE"):
        read("hf:org/sums", replace(using, offline=True))
    stand.status = 403
    with pytest.raises(NoNetwork, match="does not answer for org/sums"):
        read("hf:org/sums", using)


def test_a_choice_of_files_leaves_other_splits_alone() -> None:
    names = ["data.jsonl", "test.jsonl", "validation.csv", "dataset_infos.json", "notes.txt"]
    assert hub.choose(names, None, "org/sums") == ["data.jsonl"]
