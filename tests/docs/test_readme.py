"""What the README shows is what happens."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

import sim
from sim.cli import app

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_policy_works(readme: Path, tmp_path: Path) -> None:
    """As it stands there: refused are, at weekends from day 30 on, those who have read none of three or more messages."""
    source = blocks(readme, "python")[-1]
    assert source.count("\n") < 50
    (tmp_path / "my_rules.py").write_text(source, encoding="utf-8")
    data = yaml.safe_load(blocks(readme, "yaml")[-1])
    data["extends"] = str(ROOT / "scenarios" / data["extends"])
    data |= {"days": 60, "consumers": 300}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    events = sim.run(sim.load(tmp_path / "mine.yaml"), seed=5, events="all", threads=1).events.astype(
        {"kind": str, "reason": str}
    )
    start = pd.Timestamp(sim.load(tmp_path / "mine.yaml").settings.start)
    rows = events[events["kind"].isin(["message_sent", "message_blocked", "message_read"])]
    sent: Counter[int] = Counter()
    read: dict[int, int] = {}  # the day of the first
    refused = 0
    for row in rows.itertuples():
        day = row.time // 86_400
        if row.kind == "message_read":
            read.setdefault(row.consumer, day)
            continue
        weekend = (start + pd.Timedelta(days=day)).weekday() >= 5
        unread = read.get(row.consumer, day) == day  # as of 00:00
        quiet = weekend and day >= 30 and sent[row.consumer] >= 3 and unread
        if row.reason in ("", "weekend_quiet"):
            assert (row.reason == "weekend_quiet") == quiet
            refused += quiet
        sent[row.consumer] += row.kind == "message_sent"
    assert refused > 20


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (example, _) = blocks(READMES[0], "python")
    exec(compile(example, "README.md", "exec"), {})
    assert "message_sent" in capsys.readouterr().out


def test_the_scenario_example_is_valid(tmp_path: Path) -> None:
    (example, _) = blocks(READMES[0], "yaml")
    data = yaml.safe_load(example)
    data["extends"] = str(ROOT / "scenarios" / data["extends"])
    path = tmp_path / "example.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    assert sim.load(path).policies["caps"].from_ == 60


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_commands_and_links_exist(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    commands = set(re.findall(r"^    sim (\w+)", text, re.MULTILINE))
    assert commands <= {command.callback.__name__ for command in app.registered_commands if command.callback}
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (ROOT / link).exists(), link
    for path in re.findall(r"(?<![\w/])scenarios/\w+\.yaml", text):
        assert (ROOT / path).exists(), path
