import json
import threading
import zipfile

import pytest

from lemmata.adapters import archive, canonical
from lemmata.adapters.registry import Registry
from lemmata.errors import AdapterRefused, UnknownAdapter


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "registry")


def test_an_empty_registry_lists_nothing_and_creates_nothing(registry):
    assert registry.list() == ()
    assert not registry.root.exists()


def test_add_get_list(registry, make):
    added = registry.add(make("counting").path)
    assert registry.get("counting") == added
    assert registry.get(added.sha256[:12]).path == added.path
    assert [ref.name for ref in registry.list()] == ["counting"]
    assert registry.manifest("counting").description == "a test"
    assert canonical.open(added.path, "counting") == added


def test_a_foreign_adapter_is_stored_in_canonical_form(registry, foreign):
    added = registry.add(foreign(use_rslora=True), "rs")
    fields = json.loads((added.path / canonical.CONFIG).read_text())
    assert (fields["use_rslora"], fields["lora_alpha"], added.alpha) == (False, fields["r"], 4.0)
    assert canonical.open(added.path).sha256 == added.sha256


def test_a_name_moves_and_the_adapter_without_names_goes(registry, make):
    old, new = registry.add(make("a").path, "best"), registry.add(make("b", seed=1).path, "best")
    assert registry.get("best").sha256 == new.sha256
    assert not old.path.exists()


def test_two_names_hold_one_folder(registry, make):
    added = registry.add(make("a").path)
    registry.alias("b", "a")
    registry.remove("a")
    assert registry.get("b").path == added.path
    registry.remove("b")
    assert not added.path.exists()


def test_unknown_names_say_what_is_near(registry, make):
    registry.add(make("counting").path)
    for act in (registry.get, registry.remove, lambda name: registry.alias("x", name)):
        with pytest.raises(UnknownAdapter, match="counting"):
            act("countin")


def test_export_is_the_same_each_time_and_can_be_added(registry, make, tmp_path):
    added = registry.add(make("a").path)
    first = registry.export("a", tmp_path).read_bytes()
    assert registry.export("a", tmp_path / "again.zip").read_bytes() == first
    other = Registry(tmp_path / "other")
    assert other.add(tmp_path / "a.zip").sha256 == added.sha256
    assert other.get("a").name == "a"


@pytest.mark.parametrize("names", [["x/../../adapter_config.json"], ["other.txt"], []])
def test_zips_that_hold_no_adapter_are_refused(registry, tmp_path, names):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as opened:
        for name in names:
            opened.writestr(name, "{}")
    with pytest.raises(AdapterRefused, match="holds no"):
        registry.add(path)
    assert registry.list() == ()


def test_a_zip_bomb_stops_early(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(canonical.CONFIG, "{}")
        opened.writestr(canonical.WEIGHTS, b"\0" * (8 << 20))
    (tmp_path / "out").mkdir()
    with pytest.raises(AdapterRefused, match="more than"):
        archive.unpack(path, tmp_path / "out", largest=1 << 20)


def test_no_zip_at_all(registry, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK not really")
    with pytest.raises(AdapterRefused, match="no zip"):
        registry.add(tmp_path / "x.zip")


def test_writers_do_not_lose_each_others_names(registry, make):
    refs = [make(f"n{i}", seed=i) for i in range(6)]
    threads = [threading.Thread(target=registry.add, args=(ref.path,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ref.name for ref in registry.list()] == [f"n{i}" for i in range(6)]
