"""The command line: what is printed where, exit codes, options, help in two languages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STORE, WEEKLY = ROOT / "scenarios" / "store.yaml", ROOT / "scenarios" / "store_weekly.yaml"
CDNOW = ROOT / "data" / "cdnow.csv.gz"
COMMANDS = ("run", "resume", "compare", "sweep", "calibrate", "validate", "schema", "grade", "report")
SMALL = ("--set", "consumers=40", "--set", "days=20")
LOUD = """\
import os
from sim.state.policy import Policy

print("a plug-in says hello")


class Loud(Policy):
    def times(self, days):
        return [3 * 86_400]

    def act(self, time):
        print("a plug-in prints")
        os.system("echo a process of its own prints")
"""


def one_object(out: str) -> dict[str, Any]:
    """The JSON object that is all of stdout."""
    whole = json.loads(out)
    assert isinstance(whole, dict)
    assert out.count("\n") == 1
    return whole


@pytest.fixture
def shop_log(tmp_path: Path) -> Path:
    """A purchase log of two stores with column names of its own."""
    rows = ["who,day,paid,shop"]
    for customer in range(60):
        for k in range(1 + customer % 4):
            rows.append(
                f"c{customer},2024-{1 + (customer + 2 * k) % 6:02d}-{1 + (7 * customer + 3 * k) % 28:02d},{5 + k}.50,north"
            )
        rows.append(f"s{customer},2024-03-01,1.00,south")
    path = tmp_path / "log.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_run_json(tmp_path: Path, command: Callable) -> None:
    said = command("run", WEEKLY, *SMALL, "--out", tmp_path / "out", "--json", "--seed", 3)
    assert (said.code, said.err) == (0, "")
    whole = one_object(said.out)
    assert (whole["folder"], whole["seed"], whole["days"]) == (str(tmp_path / "out"), 3, 20)
    assert whole["totals"]["orders"] > 0
    assert whole["seconds"] >= 0


def test_run_in_words(tmp_path: Path, command: Callable) -> None:
    said = command("run", WEEKLY, *SMALL, "--out", tmp_path / "out", "--profile")
    assert said.code == 0
    words = said.out.splitlines()
    assert words[0].startswith("store_weekly, seed 1: ")
    assert words[-1] == f"Results: {tmp_path / 'out'}"
    assert any(line.startswith("  peak memory: ") for line in words)


def test_run_profile_json(tmp_path: Path, command: Callable) -> None:
    caps = ("--set", "policies.caps.store_limit=1")
    said = command("run", WEEKLY, *SMALL, *caps, "--out", tmp_path / "out", "--profile", "--profile-days", 2, "--json")
    assert (said.code, said.err) == (0, "")
    found = one_object(said.out)["profile"]
    assert found["days"] == 2
    assert list(found["families"]) == ["caps"]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["profile"] == found


def test_a_window_without_a_profile_is_refused_before_anything_is_made(tmp_path: Path, command: Callable) -> None:
    said = command("run", WEEKLY, *SMALL, "--out", tmp_path / "out", "--profile-days", 2)
    assert said.code == 2
    assert said.err == "--profile-days: is the window of --profile, which was not asked for; add --profile\n"
    assert not (tmp_path / "out").exists()


def test_compare_json(tmp_path: Path, command: Callable) -> None:
    said = command("compare", STORE, WEEKLY, *SMALL, "-r", 2, "--draws", 3, "--out", tmp_path / "out", "--json")
    assert said.code == 0
    whole = one_object(said.out)
    assert (whole["draws"], whole["assumptions"]["draws"], len(whole["assumptions"]["values"])) == (3, 3, 3)
    assert list(whole["by"]["merchant"]) == ["store"]
    assert whole["headline"]["merchant"] == ["profit"]
    assert (whole["base"], list(whole["arms"])) == ("store", ["store", "store_weekly"])
    assert whole == json.loads((tmp_path / "out" / "comparison.json").read_text()) | whole
    assert (tmp_path / "out" / "report.html").exists()


def test_compare_needs_two(command: Callable) -> None:
    said = command("compare", STORE)
    assert (said.code, said.out) == (2, "")
    assert said.err == "compare: at least two scenarios are needed, the first being the base\n"


def test_calibrate_json(tmp_path: Path, command: Callable) -> None:
    said = command(
        "calibrate", CDNOW, "--where", "in_sample=1", "--until", "1997-09-30", "--out", tmp_path / "o.yaml", "--json"
    )
    assert said.code == 0, said.err
    whole = one_object(said.out)
    assert whole["bg_nbd"]["r"] == pytest.approx(0.2426, rel=0.01)
    assert whole["holdout"]["actual"] == 1882
    assert all(line.startswith("warning: ") for line in said.err.splitlines())


def test_calibrate_with_columns_by_name(shop_log: Path, tmp_path: Path, command: Callable) -> None:
    columns = ("--customer", "who", "--date", "day", "--amount", "paid", "--store", "shop")
    said = command("calibrate", shop_log, *columns, "--where", "shop=north", "--out", tmp_path / "o.yaml", "--json")
    assert said.code == 0, said.err
    assert one_object(said.out)["customers"] == 60
    wrong = command("calibrate", shop_log, *columns[:-1], "shpo", "--out", tmp_path / "other.yaml")
    assert wrong.code == 2
    assert 'the nearest is "shop"' in wrong.err
    assert command("validate", STORE, "--with", tmp_path / "o.yaml").code == 0


def test_calibrate_does_not_overwrite(tmp_path: Path, command: Callable) -> None:
    (tmp_path / "o.yaml").write_text("mine")
    said = command("calibrate", CDNOW, "--out", tmp_path / "o.yaml")
    assert said.code == 2
    assert said.err == f"{tmp_path}/o.yaml: exists (--force replaces it)\n"
    assert (tmp_path / "o.yaml").read_text() == "mine"


def test_validate_points_out_what_never_is_in_force(command: Callable, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        f"extends: {STORE}\nstart: 2024-01-01\ndays: 30\npast: cold\npolicies:\n"
        "  late: {use: benefit, amount: 5, from: 2024-01-31}\n  last: {use: benefit, amount: 5, from: 29}\n"
    )
    said = command("validate", tmp_path / "a.yaml")
    assert said.code == 0
    assert said.out.splitlines()[1:] == ["  policies.late is never in force: it begins on day 30, and the run has 30 days"]


def test_validate(command: Callable) -> None:
    said = command("validate", STORE, WEEKLY)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "store: valid, 2,357 consumers, 1 merchants, 273 days"


def test_schema(command: Callable) -> None:
    said = command("schema")
    assert said.code == 0
    assert json.loads(said.out)["title"] == "sim scenario"


def test_report_of_a_run(tmp_path: Path, command: Callable) -> None:
    assert command("run", WEEKLY, *SMALL, "--out", tmp_path / "out").code == 0
    said = command("report", tmp_path / "out", "--lang", "zh")
    assert said.code == 0
    assert Path(said.out.strip()).read_text(encoding="utf-8").startswith("<!")
    assert command("report", tmp_path).code == 2


def test_set_reaches_the_run(tmp_path: Path, command: Callable) -> None:
    """As the contract has it: `--set policies.caps.store_days=3`, here on a scenario without caps."""
    every_day = ("--set", "merchants.store.strategy.cycle=1", "--set", "merchants.store.strategy.stop_below=0")
    totals = {}
    for days in (None, 3, 7):
        caps = () if days is None else ("--set", f"policies.caps.store_days={days}")
        said = command("run", WEEKLY, *SMALL, *every_day, *caps, "--out", tmp_path / str(days), "--json")
        totals[days] = one_object(said.out)["totals"]["messages_sent"]
    assert totals[None] > 2 * totals[3] > 4 * totals[7] > 0


# ---- stdout, stderr, exit codes


def test_what_plug_ins_print_goes_to_stderr(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD)
    (tmp_path / "a.yaml").write_text(f"extends: {STORE}\npolicies:\n  loud: {{use: loud.py:Loud}}\n")
    words = ["run", str(tmp_path / "a.yaml"), *SMALL, "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run([sys.executable, "-m", "sim.cli", *words], capture_output=True, text=True, check=True)
    assert one_object(done.stdout)["scenario"] == "a"
    for line in ("a plug-in says hello", "a plug-in prints", "a process of its own prints"):
        assert line in done.stderr


@pytest.mark.parametrize("words", [["rnu"], ["run"], ["run", "a.yaml", "--sed", "3"], ["run", "a.yaml", "--seed", "x"]])
def test_a_mistake_in_the_command_line(words: list[str], command: Callable) -> None:
    said = command(*words)
    assert (said.code, said.out) == (2, "")
    assert "Error: " in said.err
    assert "Traceback" not in said.err


def test_a_fault_is_shown_as_it_is(command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 and a traceback is what Python makes of an exception, an EOFError not excepted."""
    for fault in (RuntimeError("broken"), EOFError("the file ends too early")):

        def broken(*_: Any, fault: Exception = fault, **__: Any) -> None:
            raise fault

        monkeypatch.setattr("sim.scenario.load.load", broken)
        with pytest.raises(type(fault), match=str(fault)):
            command("validate", STORE)


# ---- help


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_the_list_of_commands_is_in_two_languages(command: Callable) -> None:
    said = command("--help")
    assert said.code == 0
    listed = said.out.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    for line in listed:
        english, _, chinese = line.partition(" / ")
        assert english.isascii(), line
        assert is_chinese(chinese) or chinese == "输出 JSON Schema", line
        assert "..." not in line, "cut short"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_in_two_languages(name: str, command: Callable) -> None:
    said = command(name, "--help")
    assert said.code == 0
    lines = said.out.split("Options:")[1].split("\n  --")
    options = [" ".join(option.split()) for option in lines if option.strip() and "--help" not in option]
    for option in options:
        assert is_chinese(option) or option.startswith("help "), option
    assert is_chinese(said.out)


def test_no_command_is_the_help(command: Callable) -> None:
    said = command()
    assert said.code in (0, 2)
    assert said.err.startswith("Usage: sim [OPTIONS] COMMAND")


def test_help_on_a_terminal_that_knows_no_chinese() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONIOENCODING": "latin-1"},
    )
    assert "Run a scenario once" in done.stdout
    assert done.stdout.isascii()
