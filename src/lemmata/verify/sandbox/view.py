"""As root: start the sandbox as the user `nobody`, who may not look into root's directories.

The kernel holds every user but root to its process limit, and a wall that should fail is worth less
to nobody than to root. An interpreter below /root (mode 700) is out of nobody's reach, so a private
mount namespace is made once, in which the directories that hide it are replaced by empty ones that
hold only what the sandbox needs. Nothing changes for the rest of the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

NOBODY = 65534
TOOLS = ("unshare", "nsenter", "mount", "sh")

# $1 an empty directory; then the sources, "--", and the directories to hide.
SCRIPT = """
set -e
hold=$1; shift
mount -t tmpfs none "$hold"
count=0
for path in "$@"; do
    [ "$path" = -- ] && break
    count=$((count + 1))
    if [ -d "$path" ]; then mkdir "$hold/$count"; else : > "$hold/$count"; fi
    mount --bind "$path" "$hold/$count"
done
seen=
for path in "$@"; do
    if [ "$seen" ]; then mount -t tmpfs -o mode=755 none "$path"; fi
    [ "$path" = -- ] && seen=yes
done
count=0
for path in "$@"; do
    [ "$path" = -- ] && break
    count=$((count + 1))
    if [ -d "$hold/$count" ]; then mkdir -p "$path"
    else mkdir -p "$(dirname "$path")"; : > "$path"; fi
    mount --move "$hold/$count" "$path"
done
umount "$hold"
echo ready
read -r _ || :
"""


def hidden(path: Path) -> Path | None:
    """The outermost directory above `path` that others may not enter."""
    for parent in reversed(path.parents):
        if not parent.stat().st_mode & 0o001:
            return parent
    return None


def private(sources: Iterable[str]) -> int:
    """A descriptor of a mount namespace in which nobody reaches `sources`. Raises OSError where
    this machine does not let root make one."""
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        raise OSError(f"{', '.join(missing)} not found")
    behind = {source: hidden(Path(source)) for source in sources if not os.path.islink(source)}
    out_of_reach = [source for source, door in behind.items() if door]
    doors = sorted({str(door) for door in behind.values() if door})
    with tempfile.TemporaryDirectory() as hold:
        making = subprocess.Popen(  # noqa: S603
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh",  # noqa: S607
             hold, *out_of_reach, "--", *doors],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert making.stdout is not None
        if making.stdout.readline() != "ready\n":
            raise OSError(f"no private mount namespace: {making.communicate()[1].strip()}")
        try:
            return os.open(f"/proc/{making.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            making.communicate()


def enter(view: int) -> list[str]:
    """The prefix of a command that runs as nobody inside the namespace `view`."""
    user = [f"--setuid={NOBODY}", f"--setgid={NOBODY}"]
    return ["nsenter", f"--mount=/proc/self/fd/{view}", *user, "--"]
