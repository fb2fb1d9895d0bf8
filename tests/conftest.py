"""The real command, run in this process; and what tests have to tell, printed after all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from sim import cli


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


TOLD = "told"


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """`tell("a line")`: printed in the summary of the tests, whichever process the test ran in."""
    return lambda line: record_property(TOLD, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What passed tests have told."""
    for report in terminalreporter.stats.get("passed", ()):
        lines = [str(line) for name, line in report.user_properties if name == TOLD]
        if lines:
            terminalreporter.write_sep("-", report.nodeid)
            terminalreporter.write_line("\n".join(lines))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`command("run", path, ...)`: as `sim run path ...` on a command line."""

    def say(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["sim", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        return Said(int(end.value.code or 0), *capsys.readouterr())

    return say
