"""Compiled code is kept by what it was compiled from, in the user's cache or, without one, in a temporary folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim import cache

STORE = Path(__file__).parents[2] / "scenarios" / "store.yaml"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """The folder is looked for once in each process."""
    cache.user_cache.cache_clear()
    yield
    cache.user_cache.cache_clear()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def test_the_name_changes_with_any_source(tmp_path: Path) -> None:
    sources = tmp_path / "sim"
    shutil.copytree(cache.SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
    names = [cache.compiled_folder(sources)]
    assert names[0] == cache.compiled_folder(), "where the sources lie does not matter"
    for name in ("stages/keep.py", "state/draws.py"):
        with (sources / name).open("a") as file:
            file.write("\n# changed\n")
        names.append(cache.compiled_folder(sources))
    (sources / "state" / "draws.py").rename(sources / "state" / "drawn.py")
    names.append(cache.compiled_folder(sources))
    (sources / "more.txt").write_text("no source")
    assert cache.compiled_folder(sources) == names[-1]
    assert len(set(names)) == 4


def test_the_name_holds_every_source_of_compiled_code() -> None:
    """A file that compiles something, or that one of those takes a name from, is among the hashed ones."""
    hashed = {file for part in cache.COMPILED for file in cache.files_of(cache.SOURCES / part)}
    compiling = {
        file for file in cache.SOURCES.rglob("*.py") if "sim.state.compiled import" in file.read_text(encoding="utf-8")
    }
    assert compiling <= hashed
    for file in compiling:
        for module in re.findall(r"^from (sim[\w.]*) import", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            path = cache.SOURCES.parent.joinpath(*module.split("."))
            assert (path.with_suffix(".py") in hashed) or path.is_dir(), f"{file} takes something from {module}"


def test_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache.user_cache() == tmp_path / "cache" / "sim"
    assert cache.compiled_folder().parent == cache.user_cache()


def test_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.user_cache() == tmp_path / ".cache" / "sim"


def test_without_a_home(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user that the system does not know: the home stays '~', of which no folder must be made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert cache.user_cache().parent == temporary
    assert not (tmp_path / "~").exists()


def test_a_temporary_folder_of_somebody_else_is_not_trusted(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there will be executed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(__file__))
    own = cache.user_cache()
    assert own.stat().st_mode & 0o077 == 0
    own.chmod(0o777)
    cache.user_cache.cache_clear()
    other = cache.user_cache()
    assert other != own
    assert other.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    cache.user_cache.cache_clear()
    (temporary / "sim-cache-12345").mkdir(mode=0o700)
    assert cache.user_cache() != temporary / "sim-cache-12345"


def test_warmth_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    assert not cache.is_warm()
    cache.note_warm()
    assert cache.is_warm()


def test_the_command_works_without_a_place_to_write(tmp_path: Path) -> None:
    """No home, the cache below a file, the package read-only: compiled code goes to a temporary folder."""
    package = tmp_path / "site" / "sim"
    shutil.copytree(cache.SOURCES, package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*package.rglob("*"), package):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "file").write_text("")
    environment = {name: value for name, value in os.environ.items() if name not in ("HOME", "NUMBA_CACHE_DIR")}
    environment |= {
        "XDG_CACHE_HOME": str(tmp_path / "file" / "cache"),
        "MPLCONFIGDIR": str(tmp_path / "file" / "matplotlib"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONPATH": str(tmp_path / "site"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_DISABLE_JIT": "1",  # what is compiled is not the matter here
    }
    words = ["run", str(STORE), "--set", "days=2", "--set", "consumers=3", "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", *words], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["days"] == 2
    (folder,) = (tmp_path / "tmp").glob("sim-cache-*")
    assert [path.name for path in folder.glob("compiled-*/*")] == ["warm"]
    for path in (package, *package.rglob("*")):
        path.chmod(0o755)
