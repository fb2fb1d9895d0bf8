"""Where compiled machine code is kept: in the user's cache, in a folder named by what it was compiled from.

Numba looks at the changes of a function's own file only, and needs a folder that can be written to. A hash of all sources
and of Numba's version mends the first, the user's cache (or else a temporary folder) the second.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

WARM = "warm"  # this file says that the kernel has been compiled before


def user_cache() -> Path:
    """The user's cache folder of this program; a temporary one where there is no home."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "sim"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.gettempdir()) / f"sim-cache-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def compiled_folder() -> Path:
    """The folder of the machine code of these very sources."""
    digest = hashlib.sha256(f"{version('numba')} {version('numpy')} {sys.version}".encode())
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return user_cache() / f"compiled-{digest.hexdigest()[:16]}"


def prepare() -> None:
    """Point Numba to the cache; called before anything compiled is imported."""
    import numba

    if not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(compiled_folder())


def is_warm() -> bool:
    """Whether the kernel need not be compiled."""
    return (compiled_folder() / WARM).exists() or bool(os.environ.get("NUMBA_DISABLE_JIT"))


def note_warm() -> None:
    """Note that the kernel has been compiled."""
    folder = compiled_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WARM).touch()
