"""A hub on loopback that speaks as Hugging Face and ModelScope do, and fails when told to.

Hugging Face: the listing with `blobs=true`; HEAD on `resolve` gives the commit and the promised
hash, a large file redirects to another host (here: another path), a small one to a relative cache
address. ModelScope: `repo/files` lists with SHA-256, `repo?FilePath=` delivers.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

COMMIT = "c0ffee" + "0" * 34
LARGE = 4_096
"""Bytes from which a file counts as a large one (LFS)."""


@dataclass
class Hub:
    """What it serves, how it misbehaves, and what was asked of it."""

    repository: str
    files: dict[str, bytes]
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    """File to the bytes after which the connection breaks, one for each request; then no more."""
    served: dict[str, bytes] = field(default_factory=dict)
    """Other bytes than those listed, whatever the listing promises."""
    refuse: tuple[int, str] | None = None
    """A status and X-Error-Code for every request."""
    pace: float = 0
    """Seconds between pieces of 8 KiB."""
    ranges: list[str] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    address: str = ""

    def content(self, name: str) -> bytes:
        return self.served.get(name, self.files[name])


def of_folder(repository: str, folder: Path) -> Hub:
    return Hub(repository, {path.name: path.read_bytes() for path in folder.iterdir()})


def start(hub: Hub) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def git_blob(content: bytes) -> str:
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        url, repository = urlparse(self.path), self.hub.repository
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if self.hub.refuse is not None:
            status, code = self.hub.refuse
            self._send(status, b"{}", {"X-Error-Code": code})
        elif url.path.startswith(f"/api/models/{repository}/revision/") and "blobs" in query:
            self._send(200, json.dumps(self._hf_listing()).encode())
        elif url.path.startswith(f"/{repository}/resolve/"):
            self._resolve(url.path.rpartition("/")[2])
        elif url.path.startswith(("/cdn/", "/api/resolve-cache/")):
            self._deliver(url.path.rpartition("/")[2], body)
        elif url.path == f"/api/v1/models/{repository}/repo/files":
            self._send(200, json.dumps(self._modelscope_listing()).encode())
        elif url.path == f"/api/v1/models/{repository}/repo":
            self._deliver(query["FilePath"], body)
        else:
            self._send(404, b'{"Code":404,"Message":"none"}', {"X-Error-Code": "RepoNotFound"})

    def _hf_listing(self) -> dict[str, object]:
        return {"id": self.hub.repository, "sha": COMMIT, "siblings": list(self._siblings())}

    def _siblings(self):
        for name, content in self.hub.files.items():
            sibling = {"rfilename": name, "size": len(content), "blobId": git_blob(content)}
            if len(content) >= LARGE:
                digest = hashlib.sha256(content).hexdigest()
                sibling["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
            yield sibling

    def _modelscope_listing(self) -> dict[str, object]:
        files = [
            {
                "Path": name,
                "Name": name,
                "Type": "blob",
                "Size": len(content),
                "Sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in self.hub.files.items()
        ]
        folder = {"Path": "figures", "Name": "figures", "Type": "tree", "Size": 0}
        return {"Code": 200, "Data": {"Files": [*files, folder]}, "Success": True}

    def _resolve(self, name: str) -> None:
        if name not in self.hub.files:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
            return
        content = self.hub.files[name]
        if len(content) >= LARGE:
            digest = hashlib.sha256(content).hexdigest()
            linked = {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
            location = f"{self.hub.address}/cdn/{name}"
            self._send(302, b"", {"Location": location, "X-Repo-Commit": COMMIT, **linked})
        else:
            location = f"/api/resolve-cache/{name}"
            self._send(307, b"", {"Location": location, "X-Repo-Commit": COMMIT})

    def _deliver(self, name: str, body: bool) -> None:
        content, start, status = self.hub.content(name), 0, 200
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{git_blob(self.hub.files[name])}"'}
        wanted = self.headers.get("Range")
        if wanted:
            self.hub.ranges.append(f"{name} {wanted}")
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), int(last or len(content) - 1)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
            content, status = content[start : end + 1], 206
        if body:
            self.hub.delivered.append(name)
        cuts = self.hub.cut_after.get(name, []) if body else []
        self._send(status, content, headers, cuts.pop(0) if cuts else None)

    def _send(self, status, body, headers=(), cut=None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self._write(body[:cut])
        if cut is not None:
            self.close_connection = True
            self.connection.close()

    def _write(self, body: bytes) -> None:
        if not self.hub.pace:
            self.wfile.write(body)
            return
        with contextlib.suppress(ConnectionError):  # the client may have been stopped
            for at in range(0, len(body), 8_192):
                self.wfile.write(body[at : at + 8_192])
                time.sleep(self.hub.pace)
