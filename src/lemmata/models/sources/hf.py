"""`hf:` – the Hugging Face hub or a mirror of it, through huggingface_hub.

HF_ENDPOINT chooses the mirror, HF_TOKEN opens gated models, HF_HUB_OFFLINE=1 keeps off the
network; the library follows redirects and mends broken connections. What came is checked against
the hub's own metadata: the LFS SHA-256 of large files, the git blob of small ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from logging import ERROR
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import (  # type: ignore[attr-defined]
    build_hf_headers,
    logging,
)
from tqdm.auto import tqdm

from lemmata.errors import BadInput, EnvironmentMissing, NoNetwork, UnknownModel
from lemmata.models.manifest import Kind
from lemmata.models.progress import Progress
from lemmata.models.sources import hub
from lemmata.models.sources.fetched import Fetched, need_network, wrong_bytes
from lemmata.models.sources.hub import Advance, Listing, RemoteFile
from lemmata.settings import Settings

_PUBLIC = "https://huggingface.co"


class HuggingFace:
    """One repository; `place` is ORG/NAME or ORG/NAME@REVISION."""

    kind: Kind = "hf"

    def __init__(self, place: str, settings: Settings) -> None:
        self._repository, _, revision = place.partition("@")
        self._revision = revision or "main"
        self._settings = settings
        self._endpoint = (settings.hf_endpoint or _PUBLIC).rstrip("/")
        if not self._endpoint.startswith(("http://", "https://")):
            raise BadInput(
                f"HF_ENDPOINT={self._endpoint!r} is no address",
                "Write it whole, as in HF_ENDPOINT=https://hf-mirror.com.",
            )

    def fetch(self, folder: Path, progress: Progress) -> Fetched:
        need_network(self._settings, self._repository)
        with self._errors():
            listing = self._list()
            return hub.fetch(
                listing,
                folder,
                self._endpoint,
                lambda file, into, advance: self._download(file, listing, into, advance),
                progress,
            )

    def _list(self) -> Listing:
        info = HfApi(endpoint=self._endpoint).model_info(
            self._repository, revision=self._revision, files_metadata=True
        )
        files = [_remote(sibling) for sibling in info.siblings or []]
        return Listing(info.sha or self._revision, tuple(files))

    def _download(self, file: RemoteFile, listing: Listing, into: Path, advance: Advance) -> None:
        """hf_hub_download deletes what it has when it is interrupted; this appends to it."""
        part = into / f"{file.path}.part"
        done = part.stat().st_size if part.exists() else 0
        if done < file.size:
            self._append(file, listing, part, done, advance)
        part.replace(into / file.path)

    def _append(
        self, file: RemoteFile, listing: Listing, part: Path, done: int, advance: Advance
    ) -> None:
        address = hf_hub_url(
            self._repository, file.path, revision=listing.revision, endpoint=self._endpoint
        )
        try:
            with part.open("ab") as target:
                http_get(
                    address,
                    target,
                    resume_size=done,
                    headers=build_hf_headers(),
                    expected_size=file.size,
                    tqdm_class=_counting(advance),
                )
        except OSError as error:
            if not _another_length(error):
                raise
            part.unlink()  # appending to it would be wrong for ever
            raise wrong_bytes(file.path, self._endpoint) from error

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The library's errors as ours."""
        model, address = self._repository, self._endpoint
        loudness = logging.get_verbosity()
        logging.set_verbosity(ERROR)  # it reports each broken connection that it then mends
        try:
            yield
        except GatedRepoError as error:
            raise EnvironmentMissing(
                f"{model} is gated", f"Accept its licence at {address}/{model}, then set HF_TOKEN."
            ) from error
        except RepositoryNotFoundError as error:
            raise UnknownModel(
                f"{address} has no model {model}", "Check the name; a private one needs HF_TOKEN."
            ) from error
        except RevisionNotFoundError as error:
            raise UnknownModel(f"{model} has no revision {self._revision!r}") from error
        except HFValidationError as error:
            raise BadInput(f"{model!r} is no name of a model", "Write hf:ORG/NAME.") from error
        except OfflineModeIsEnabled as error:
            raise NoNetwork("huggingface_hub is offline", "Unset HF_HUB_OFFLINE.") from error
        except HTTPError as error:
            raise NoNetwork(
                f"{address} does not answer or broke off ({type(error).__name__})",
                "Run again to resume; behind a firewall set HF_ENDPOINT to a mirror.",
            ) from error
        finally:
            logging.set_verbosity(loudness)


def _another_length(error: OSError) -> bool:
    """Whether the hub delivers more or fewer bytes than it lists."""
    if isinstance(error, HfHubHTTPError):
        return bool(error.response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    return "Consistency check failed" in str(error)


def _remote(sibling: Any) -> RemoteFile:
    if sibling.lfs is not None:
        return RemoteFile(sibling.rfilename, sibling.lfs.size, sha256=sibling.lfs.sha256)
    return RemoteFile(sibling.rfilename, sibling.size or 0, git_sha1=sibling.blob_id)


def _counting(advance: Advance) -> type[tqdm]:
    """A progress bar class for the library that draws nothing and passes the bytes on."""

    class Counting(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})
            advance(int(options.get("initial") or 0))

        def update(self, n: float | None = 1) -> bool | None:
            advance(int(n or 0))
            return None

    return Counting
