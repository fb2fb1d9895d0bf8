"""Every notebook runs from its first cell to its last, and says what it is there to say."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

SHORT = "SIM_SHORT_NOTEBOOKS"  # asks a notebook for its short form
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def of(stem: str) -> pytest.MarkDecorator:
    """A test of what one notebook says."""
    return pytest.mark.parametrize("notebook", [path for path in NOTEBOOKS if path.stem == stem], indirect=True, ids=[stem])


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    """A notebook after it was run."""
    path: Path = request.param
    read = nbformat.read(path, as_version=4)
    has_short_form = any(SHORT in cell.source for cell in read.cells)
    kept = any(cell.get("outputs") for cell in read.cells)
    assert kept == has_short_form, "outputs are kept of what takes long, and only of that"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SHORT, "1")
        NotebookClient(read, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    return read


def test_a_notebook_runs_and_shows_something(notebook: nbformat.NotebookNode) -> None:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any(output["output_type"] == "execute_result" for output in outputs)


@of("01_first_what_if")
def test_the_first_what_if_answers_in_ten_cells(notebook: nbformat.NotebookNode) -> None:
    assert len(notebook.cells) <= 10
    answer = " ".join(notebook.cells[-1]["outputs"][0]["data"]["text/plain"].split())
    assert "('repeat_orders', 'store_weekly'): 'higher" in answer


@of("02_tournament")
def test_the_tournament_has_every_store_play_every_strategy(notebook: nbformat.NotebookNode) -> None:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    plays = [line.split() for line in code[1]["outputs"][0]["data"]["text/plain"].splitlines()[1:]]
    assert len(plays) == 16
    assert all(len(set(turns)) == 4 for _, *turns in plays)
    for of_industry in (plays[k : k + 4] for k in range(0, 16, 4)):
        assert all(len(set(turn)) == 4 for turn in zip(*of_industry)), "and of an industry no two play the same"
    answer = code[-1]["outputs"][0]["data"]["text/plain"]
    assert all(name in answer for name in ("Procrastinator", "GradeChaser", "ProfitKeeper"))
