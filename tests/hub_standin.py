"""A stand-in for the hub of data sets, on loopback: one data set, `org/sums`, by its protocol."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

import pyarrow as arrow
from pyarrow import parquet

from lemmata import settings
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


@contextmanager
def serving(main: dict[str, bytes]) -> Iterator[Stand]:
    """The stand-in with these files in its main revision."""
    made = Stand({"main": main})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"stand": made}))
    made.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def online(stand: Stand, tmp_path: Path) -> Settings:
    """Settings whose hub it is."""
    home = tmp_path / "home"
    return replace(settings.load(), home=home, hf_endpoint=stand.address, offline=False)
