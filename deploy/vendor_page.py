"""Fetch the page's libraries from npm into src/lemmata/web/vendor: `python deploy/vendor_page.py`.

Each is taken from its published tarball as it is, but for two edits: KaTeX's style names only the
woff2 fonts, and uPlot's script exports its one name so that a module can import it.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src" / "lemmata" / "web" / "vendor"
PACKAGES = {
    "katex": ("0.16.22", "MIT", {"katex.min.js": "dist/katex.min.js"}),
    "dompurify": ("3.4.18", "Apache-2.0 or MPL-2.0", {"purify.min.js": "dist/purify.min.js"}),
    "marked": ("18.2.1", "MIT", {"marked.esm.js": "lib/marked.esm.js"}),
    "uplot": ("1.6.32", "MIT", {"uPlot.min.css": "dist/uPlot.min.css"}),
}
HEAD = """# Libraries of the page

Written by `deploy/vendor_page.py`, which also names the two edits. Licences stand beside them.

| package | version | licence | files (SHA-256) |
|---|---|---|---|
"""


def fetched(name: str, version: str) -> dict[str, bytes]:
    """The files of a published package, by path."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["npm", "pack", "--silent", f"{name}@{version}"]
        made = subprocess.run(  # noqa: S603 - names from the table above
            words, cwd=folder, check=True, capture_output=True, text=True
        )
        raw = (Path(folder) / made.stdout.strip()).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        return {
            member.name.removeprefix("package/"): archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            if member.isfile()
        }


def chosen(name: str, files: dict[str, bytes], wanted: dict[str, str]) -> dict[str, bytes]:
    """What is kept of it, by the name it gets."""
    kept = {target: files[source] for target, source in wanted.items()}
    licence = next(path for path in files if re.fullmatch(r"LICEN[CS]E(\.\w+)?", path))
    kept[f"{name}.LICENSE.txt"] = files[licence]
    if name == "katex":
        style = files["dist/katex.min.css"].decode()
        style = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)', "", style)
        kept["katex.min.css"] = style.encode()
        for path, content in files.items():
            if path.endswith(".woff2"):
                kept[f"fonts/{Path(path).name}"] = content
    if name == "uplot":
        kept["uPlot.min.js"] = files["dist/uPlot.iife.min.js"] + b"\nexport default uPlot;\n"
    return kept


def main() -> None:
    rows = []
    for name, (version, licence, wanted) in PACKAGES.items():
        kept = chosen(name, fetched(name, version), wanted)
        for target, content in kept.items():
            path = VENDOR / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        told = ", ".join(
            f"{target} `{hashlib.sha256(content).hexdigest()[:16]}…`"
            for target, content in sorted(kept.items())
            if target.endswith((".js", ".css"))
        )
        rows.append(f"| {name} | {version} | {licence} | {told} |\n")
    (VENDOR / "README.md").write_text(HEAD + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
