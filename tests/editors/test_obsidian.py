"""The Obsidian plugin: types, lint, bundle, and its tests against a real server of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lemmata.engines.base import Request
from scripted import ScriptedEngine
from served import running

PLUGIN = Path(__file__).parents[2] / "editors" / "obsidian"
HOSTILE = (
    "2 + 3 = 5. They add up to minus b [1]. <img src=x onerror=a> ![[secret]] <% tp %> `$= x`."
)
NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "ECONNRESET")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with its packages as package-lock.json pins them; the checkout stays as it is."""
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed: sudo apt install nodejs npm")
    root = tmp_path_factory.mktemp("plugin")
    folder = root / "editors" / "obsidian"
    shutil.copytree(PLUGIN, folder, ignore=shutil.ignore_patterns("node_modules", "main.js"))
    notes = Path("tests", "apps", "notes")
    shutil.copytree(PLUGIN.parents[1] / notes, root / notes)
    words = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and any(sign in done.stderr for sign in NO_NETWORK):
        pytest.skip(f"npm cannot reach its registry: {done.stderr.strip().splitlines()[-1:]}")
    assert done.returncode == 0, done.stderr
    return folder


def run(folder: Path, *words: str, **extra: str) -> str:
    done = subprocess.run(
        ["npx", "--no-install", *words], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1", **extra},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_types_and_lint(plugin: Path) -> None:
    run(plugin, "tsc", "--noEmit")
    run(plugin, "eslint", "--max-warnings", "0", ".")


def test_the_bundle_needs_only_what_obsidian_brings(plugin: Path) -> None:
    subprocess.run(["node", "esbuild.config.mjs"], cwd=plugin, check=True)
    bundle = (plugin / "main.js").read_text(encoding="utf-8")
    wanted = {part.split('"')[0] for part in bundle.split('require("')[1:]}
    assert wanted <= {
        "obsidian", "@codemirror/state", "@codemirror/commands", "@codemirror/view", "fs/promises",
    }  # fmt: skip
    manifest = json.loads((plugin / "manifest.json").read_text(encoding="utf-8"))
    package = json.loads((plugin / "package.json").read_text(encoding="utf-8"))
    versions = json.loads((plugin / "versions.json").read_text(encoding="utf-8"))
    assert manifest["version"] == package["version"]
    assert versions[manifest["version"]] == manifest["minAppVersion"]
    pinned = {**package["dependencies"], **package["devDependencies"]}
    assert all(version[0].isdigit() for version in pinned.values())


def _reply(request: Request) -> str:
    """Where it is asked for slowly one that lasts minutes, so that a test stops it in the midst
    however busy the machine; gone on with, it ends at once."""
    said = "".join(chr(part) if isinstance(part, int) else str(part) for part in request.prompt)
    if "It goes on, " in said:
        return " The end."
    lasting = "".join(f"It goes on, {number}. " for number in range(5000))
    return f"{HOSTILE} {lasting}" if "slowly" in said else HOSTILE


def test_the_plugin_against_a_server(plugin: Path, tmp_path: Path) -> None:
    with running(ScriptedEngine(_reply, delay=0.002, context=20_000), tmp_path / "home") as server:
        told = run(plugin, "vitest", "run", LEMMATA_TEST_URL=server.url)
    assert "skipped" not in told, "with a server every test runs"
