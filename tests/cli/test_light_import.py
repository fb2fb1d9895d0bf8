"""`import sim` and the help load nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numpy", "pandas", "scipy", "numba", "matplotlib", "pyarrow", "simpy", "joblib", "jinja2", "yaml", "tqdm")
HELP = """
from sim import cli
sys.argv = ["sim", *{words!r}]
try:
    cli.main()
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("import sim; sim.__all__; sim.compare", id="import"),
        pytest.param(HELP.format(words=["--help"]), id="help"),
        pytest.param(HELP.format(words=["run", "--help"]), id="help of run"),
        pytest.param(HELP.format(words=["grade", "--help"]), id="help of grade"),
    ],
)
def test_nothing_heavy_is_loaded(script: str) -> None:
    tell = f"\nprint('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", "import sys\n" + script + tell], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_the_python_face() -> None:
    import sim

    for name in sim.__all__:
        assert getattr(sim, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'calibrat'"):
        sim.calibrat  # noqa: B018
