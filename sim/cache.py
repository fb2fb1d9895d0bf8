"""Where compiled machine code is kept: in the user's cache, in a folder named by what it was compiled from.

Numba looks at the changes of a function's own file only, and needs a folder that can be written to. A hash of all that
compiled code is made of, and of Numba's version, mends the first, the user's cache (or else a temporary folder) the second.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

SOURCES = Path(__file__).parent
# What compiled code takes functions and constants from: folders, and files of a folder that else is the host's.
COMPILED = (
    "state",
    "agents",
    "stages",
    "policies",
    "engine/crowds.py",
    "engine/kernel.py",
    "engine/first_come.py",
    "engine/resolve.py",
    "engine/settle.py",
)
COMPILING = "compiling the kernel, once after each installation: about a minute"
WARM = "warm"  # this file says that the kernel has been compiled before


@cache
def user_cache() -> Path:
    """The user's cache folder of this program; a temporary one where there is no home or it cannot be written to."""
    home = os.path.expanduser("~")  # stays as it is for a user without a home
    base = os.environ.get("XDG_CACHE_HOME") or (os.path.join(home, ".cache") if os.path.isabs(home) else "")
    if base:
        folder = Path(base) / "sim"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            pass
    return _temporary()


def _temporary() -> Path:
    """A temporary folder that is this user's alone: what is kept there will be executed."""
    owner = os.getuid() if hasattr(os, "getuid") else None
    folder = Path(tempfile.gettempdir()) / f"sim-cache-{'user' if owner is None else owner}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if owner is None or (found.st_uid == owner and not found.st_mode & 0o022):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="sim-cache-"))


def compiled_folder(sources: Path = SOURCES) -> Path:
    """The folder of the machine code of these very sources."""
    versions = f"{version('numba')} {version('numpy')} {sys.version}"
    digest = hashlib.sha256(f"{versions} {hash_of(COMPILED, sources)}".encode())
    return user_cache() / f"compiled-{digest.hexdigest()[:16]}"


def hash_of(parts: Iterable[str], sources: Path = SOURCES) -> str:
    """sha256 of the source files of some parts of the program."""
    digest = hashlib.sha256()
    for path in sorted(path for part in parts for path in files_of(sources / part)):
        digest.update(path.relative_to(sources).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def files_of(part: Path) -> list[Path]:
    """The source files of a part of the program: itself, or those of its folder."""
    return [part] if part.suffix == ".py" else list(part.rglob("*.py"))


def prepare() -> None:
    """Point Numba to the cache; called before anything compiled is imported."""
    from numba.core import config

    if not os.environ.get("NUMBA_CACHE_DIR"):
        config.CACHE_DIR = str(compiled_folder())


def is_warm() -> bool:
    """Whether the kernel need not be compiled."""
    return (compiled_folder() / WARM).exists() or bool(os.environ.get("NUMBA_DISABLE_JIT"))


def note_warm() -> None:
    """Note that the kernel has been compiled."""
    folder = compiled_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WARM).touch()
