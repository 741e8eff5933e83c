"""`modelscope:` – ModelScope or a mirror of it, through its own hub client.

MODELSCOPE_DOMAIN chooses the mirror. What came is checked against the SHA-256 of the hub's file
listing.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import requests
from modelscope_hub import HubApi, HubConfig, ProgressCallback
from modelscope_hub.errors import (
    AuthenticationError,
    FileIntegrityError,
    HubError,
    NotExistError,
    PermissionDeniedError,
)

from lemmata.errors import EnvironmentMissing, ModelRefused, NoNetwork, UnknownModel
from lemmata.models.manifest import Kind
from lemmata.models.progress import Progress
from lemmata.models.sources import hub
from lemmata.models.sources.fetched import Fetched, need_network, wrong_bytes
from lemmata.models.sources.hub import Advance, Listing, RemoteFile
from lemmata.settings import Settings


class ModelScope:
    """One repository; `place` is ORG/NAME or ORG/NAME@REVISION."""

    kind: Kind = "hf"

    def __init__(self, place: str, settings: Settings) -> None:
        self._repository, _, revision = place.partition("@")
        self._revision = revision or "master"
        self._settings = settings
        self._endpoint = HubConfig.normalize_endpoint(settings.modelscope_domain)

    def fetch(self, folder: Path, progress: Progress) -> Fetched:
        need_network(self._settings, self._repository)
        logging.getLogger("modelscope_hub").setLevel(logging.ERROR)  # it reports what it then mends
        api = HubApi(HubConfig(endpoint=self._endpoint, cache_dir=folder / ".modelscope"))
        with self._errors():
            return hub.fetch(
                self._list(api),
                folder,
                self._endpoint,
                lambda file, into, advance: self._download(api, file, into, advance),
                progress,
            )

    def _list(self, api: HubApi) -> Listing:
        found = api.list_repo_files(self._repository, "model", revision=self._revision)
        files = [
            RemoteFile(each.path, each.size, sha256=each.sha256)
            for each in found
            if each.type == "blob"
        ]
        listing = Listing(self._revision, tuple(files))
        for file in listing.chosen():
            if file.sha256 is None:
                raise ModelRefused(f"{self._endpoint} promises no hash for {file.path}")
        return listing

    def _download(self, api: HubApi, file: RemoteFile, into: Path, advance: Advance) -> None:
        with redirect_stderr(io.StringIO()):  # its own progress bar cannot be switched off
            api.downloader.download_file(
                self._repository,
                "model",
                file.path,
                revision=self._revision,
                local_dir=into,
                expected_sha256=file.sha256,
                file_size=file.size,
                progress_callbacks=[_counting(advance)],
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The library's errors as ours."""
        model, address = self._repository, self._endpoint
        try:
            yield
        except NotExistError as error:
            raise UnknownModel(
                f"{address} has no model {model} at {self._revision}", "Check the name."
            ) from error
        except (AuthenticationError, PermissionDeniedError) as error:
            raise EnvironmentMissing(
                f"{address} wants a token for {model}", "Set MODELSCOPE_API_TOKEN."
            ) from error
        except FileIntegrityError as error:
            raise wrong_bytes(model, address) from error
        except (HubError, requests.RequestException) as error:
            raise NoNetwork(
                f"{address} does not answer or broke off ({type(error).__name__})",
                "Run again to resume, or use --source hf.",
            ) from error


def _counting(advance: Advance) -> type[ProgressCallback]:
    class Counting(ProgressCallback):  # type: ignore[misc]
        def update(self, size: int) -> None:
            advance(size)

    return Counting
