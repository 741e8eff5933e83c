"""Data sets of the Hugging Face hub: the data files themselves, through huggingface_hub.

Taken are the files of the training split (those with "train" in their path; all, where no file is
named for a split). A data set that is only a script is taken from the Parquet files that the hub
makes of it (revision refs/convert/parquet). HF_ENDPOINT chooses a mirror, HF_HUB_OFFLINE=1 keeps
off the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from lemmata.errors import BadData, NoNetwork
from lemmata.models.progress import Progress
from lemmata.settings import Settings

_KINDS = {".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv"}
_NOT_DATA = {"dataset_infos.json", "config.json", "dataset_dict.json"}
_OTHER_SPLITS = ("test", "valid", "dev", "eval")
_CONVERTED = "refs/convert/parquet"
_PATIENCE_S = 15.0


def fetch(
    repository: str, revision: str, pattern: str | None, settings: Settings, progress: Progress
) -> list[tuple[str, Path]]:
    """Names and local paths of the data files; what was fetched before is not fetched again.

    Raises NoNetwork offline or where the hub does not answer, BadData where there is no such data
    set or nothing in it that can be read.
    """
    from huggingface_hub import HfApi, get_session, hf_hub_download

    if settings.offline:
        raise NoNetwork(f"{repository} is on the hub and HF_HUB_OFFLINE is set", "Unset it.")
    api = HfApi(endpoint=settings.hf_endpoint)
    with _errors(repository):
        # Where nobody is there, the library would ask again for half a minute.
        get_session().head(api.endpoint, timeout=_PATIENCE_S)
        names = api.list_repo_files(repository, repo_type="dataset", revision=revision)
        if not _data_files(names) and revision == "main":
            revision = _CONVERTED
            names = api.list_repo_files(repository, repo_type="dataset", revision=revision)
        wanted = choose(names, pattern, repository)
        found = []
        for done, name in enumerate(wanted):
            progress(f"fetching {repository}", done, len(wanted))
            path = hf_hub_download(
                repository,
                name,
                repo_type="dataset",
                revision=revision,
                endpoint=settings.hf_endpoint,
                cache_dir=settings.cache_dir / "datasets",
                # The library's own bar would write over ours.
                tqdm_class=_silent_bar(),
            )
            found.append((name, Path(path)))
        progress(f"fetching {repository}", len(wanted), len(wanted))
    return found


def _data_files(names: list[str]) -> list[str]:
    return [
        name
        for name in sorted(names)
        if PurePosixPath(name).suffix in _KINDS and PurePosixPath(name).name not in _NOT_DATA
    ]


def choose(names: list[str], pattern: str | None, repository: str) -> list[str]:
    """The files to read. Raises BadData where none fits, or several subsets would be mixed."""
    data = _data_files(names)
    if pattern:
        chosen = [name for name in data if fnmatch(name, pattern) or fnmatch(name, f"{pattern}/*")]
    else:
        chosen = [name for name in data if "train" in name.lower()] or [
            name for name in data if not any(split in name.lower() for split in _OTHER_SPLITS)
        ]
    if not chosen:
        raise BadData(
            f"{repository} has no data files"
            + (f" like {pattern!r}" if pattern else " to train on"),
            f"It holds: {', '.join(data[:6]) or 'no Parquet, JSON or CSV'}.",
        )
    subsets = sorted({str(PurePosixPath(name).parent) for name in chosen})
    if len(subsets) > 1 and not pattern:
        raise BadData(
            f"{repository} has several subsets: {', '.join(subsets[:6])}",
            f"Name one: hf:{repository}:{subsets[0]}",
        )
    return chosen


def _silent_bar() -> type:
    from tqdm import tqdm

    class Silent(tqdm):  # type: ignore[misc]
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **{**options, "disable": True})

    return Silent


@contextmanager
def _errors(repository: str) -> Iterator[None]:
    """The library's errors as ours."""
    from huggingface_hub import errors

    try:
        yield
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise BadData(
            f"the hub has no data set {repository}", "Check the name; a private one needs HF_TOKEN."
        ) from error
    except (errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise BadData(f"{repository} has no such revision or file") from error
    except (errors.OfflineModeIsEnabled, errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]
        raise NoNetwork(
            f"the hub does not answer for {repository} ({type(error).__name__})",
            "Behind a firewall set HF_ENDPOINT to a mirror.",
        ) from error
