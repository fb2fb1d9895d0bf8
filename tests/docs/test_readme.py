"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import sim
from sim.cli import app

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"```python\n(.*?)```", READMES[0].read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    assert "message_sent" in capsys.readouterr().out


def test_the_scenario_example_is_valid(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", READMES[0].read_text(encoding="utf-8"), re.DOTALL)
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
