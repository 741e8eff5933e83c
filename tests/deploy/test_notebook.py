"""The notebook, run as a person would, against the real server with the real model."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from lemmata.models.stored import StoredModel

NOTEBOOK = Path(__file__).parents[2] / "deploy" / "notebooks" / "solve_tune_evaluate.ipynb"

pytestmark = [pytest.mark.model, pytest.mark.train, pytest.mark.slow, pytest.mark.timeout(900)]


def test_it_solves_tunes_and_evaluates(
    default_model: StoredModel, lemmata_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").symlink_to(lemmata_home / "models")
    words = [sys.executable, "-m", "lemmata", "serve", "--port", "0"]
    environment = {**os.environ, "LEMMATA_HOME": str(tmp_path), "LEMMATA_MODEL": "smollm2-135m"}
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found is not None
            run(found[0])
        finally:
            server.terminate()


def run(url: str) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    given = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", ()))
    given.source += f"\nURL, ROWS, PROBLEMS, TOKENS = {url!r}, 16, 2, 24"
    NotebookClient(notebook, timeout=800, kernel_name="python3").execute()
    printed = "".join(
        output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    assert "'correct'" in printed
    assert "'fails'" in printed
    assert "'done'" in printed
    assert "'notebook'" in printed


def test_it_is_kept_without_what_it_printed() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
