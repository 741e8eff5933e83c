"""Put adapters where every Ray replica finds them: `python deploy/ray-serve/publish.py TARGET`.

TARGET is the configuration's dynamic_lora_loading_path (s3://…, gs://…) or a local folder. Every
registered adapter goes to TARGET/lora-HASH, named for its content, so that a folder that is there
never changes and needs no second copy. Then `lemmata serve --engine URL` finds it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pyarrow import fs

from lemmata import settings
from lemmata.adapters import canonical
from lemmata.adapters.registry import Registry
from lemmata.engines.openai_server import served_as
from lemmata.errors import LemmataError
from lemmata.types import AdapterRef


def publish(refs: tuple[AdapterRef, ...], target: str) -> list[str]:
    """Copy what is not there yet, the configuration last: Ray lists a folder once it has one.
    Gives the names that were copied."""
    store, root = fs.FileSystem.from_uri(target)
    copied = []
    for ref in refs:
        folder = f"{root.rstrip('/')}/{served_as(ref)}"
        if store.get_file_info(f"{folder}/{canonical.CONFIG}").type == fs.FileType.File:
            continue
        store.create_dir(folder, recursive=True)
        for name in (canonical.WEIGHTS, canonical.CONFIG):
            with (
                (ref.path / name).open("rb") as source,
                store.open_output_stream(f"{folder}/{name}") as out,
            ):
                while block := source.read(1 << 20):
                    out.write(block)
        copied.append(served_as(ref))
    return copied


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    target = parser.parse_args().target
    uri = target if "://" in target else Path(target).absolute().as_uri()
    refs = Registry(settings.load().adapters_dir).list()
    try:
        copied = publish(refs, uri)
    except (LemmataError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{name}\n" for name in copied))
    return 0


if __name__ == "__main__":
    sys.exit(main())
