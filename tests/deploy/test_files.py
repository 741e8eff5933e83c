"""What can be known of the container and the service without starting either."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))


def test_the_container_runs_what_start_sh_runs_without_rights() -> None:
    assert 'ENTRYPOINT ["bash", "/opt/lemmata/start.sh"]' in DOCKERFILE
    assert (ROOT / "start.sh").exists()
    last = DOCKERFILE.rsplit("FROM", 1)[1]
    assert re.search(r"^USER lemmata$", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", last, re.MULTILINE)
    assert "EXPOSE 8080" in last
    assert "LEMMATA_HOME=/data" in last
    assert "VOLUME /data" in last


def test_what_is_left_out_of_the_image_is_nothing_that_it_needs() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    for needed in ("src", "deploy", "recipes", "examples", "start.sh", "constraints.txt",
                   "pyproject.toml", "README.md"):  # fmt: skip
        assert needed not in ignored
        assert (ROOT / needed).exists()


def test_compose_builds_that_container_and_keeps_its_data() -> None:
    service = COMPOSE["services"]["lemmata"]
    context = (ROOT / "deploy" / service["build"]["context"]).resolve()
    assert (context / service["build"]["dockerfile"]).is_file()
    assert "data:/data" in service["volumes"]
    assert "data" in COMPOSE["volumes"]
    assert service["ports"] == ["${LEMMATA_BIND:-127.0.0.1}:8080:8080"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_service_is_one_that_systemd_reads(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "lemmata.service").read_text("utf-8")
    unit = tmp_path / "lemmata.service"
    unit.write_text(re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    words = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "lemmata.service:" in line]
    assert ours == []


@pytest.mark.parametrize("guide", ["deploy.md", "deploy.zh-CN.md"])
def test_the_wheelhouse_holds_what_installing_the_checkout_takes(guide: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    builds = {re.split(r"\W", wanted)[0] for wanted in project["build-system"]["requires"]}
    text = (ROOT / "docs" / "guides" / guide).read_text("utf-8")
    fetched = {
        word
        for line in re.findall(r"^pip download -d wheels (.*?)(?:#|$)", text, re.MULTILINE)
        for word in line.split()
    }
    assert builds | {"editables"} <= fetched  # the latter for `pip install --editable`
