"""The page of membership: its examples run, and it names every estimate, dial and parameter of invitations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import sim
from sim.experiments.membership_effect import Effect
from sim.policies.invitation import Invitation
from sim.scenario.behaviour import Membership
from sim.state.policy import Policy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "membership_effect.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def test_the_example(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT / "scenarios")
    names: dict = {}
    exec(block("python"), names)
    found = names["found"]
    assert found.table["estimate"].tolist() == [*Effect._fields] * 2
    assert str(found.members) in capsys.readouterr().out
    for name in Effect._fields:
        assert f"| `{name}` |" in PAGE


@pytest.mark.slow
def test_the_figures_of_the_page() -> None:
    """As of 8 replications, rounded."""
    effect = sim.membership_effect(sim.load(ROOT / "scenarios" / "membership_effect.yaml"), 8).orders
    for name, one in effect._asdict().items():
        (shown,) = re.findall(rf"\| `{name}` \| (\S+) \| (\S+) to (\S+) \|", PAGE)
        assert [float(figure) for figure in shown] == pytest.approx(list(one), rel=0.02), name


def test_the_dials(tmp_path: Path) -> None:
    for name in Membership.model_fields:
        assert re.search(rf"`{name}[`:]", PAGE), name
    own = set(Invitation.model_fields) - set(Policy.model_fields)
    assert set(yaml.safe_load(block("yaml"))["policies"]["invitation"]) == own
    (tmp_path / "invited.yaml").write_text(f"extends: {ROOT / 'scenarios' / 'store.yaml'}\n{block('yaml')}", encoding="utf-8")
    invitation = sim.load(tmp_path / "invited.yaml").policies["invitation"]
    start = sim.load(tmp_path / "invited.yaml").settings.start
    assert [day for day in range(120) if invitation.is_on(day, start)] == [1, 92]
