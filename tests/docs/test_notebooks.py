"""Every notebook runs from its first cell to its last, and says what it is there to say."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    """A notebook after it was run."""
    path: Path = request.param
    read = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") for cell in read.cells), "notebooks are kept without their outputs"
    NotebookClient(read, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    read.metadata["stem"] = path.stem
    return read


def test_a_notebook_runs_and_shows_something(notebook: nbformat.NotebookNode) -> None:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any(output["output_type"] == "execute_result" for output in outputs)


def test_the_first_what_if_answers_in_ten_cells(notebook: nbformat.NotebookNode) -> None:
    if notebook.metadata["stem"] != "01_first_what_if":
        pytest.skip("another notebook")
    assert len(notebook.cells) <= 10
    answer = " ".join(notebook.cells[-1]["outputs"][0]["data"]["text/plain"].split())
    assert "('repeat_orders', 'store_weekly'): 'higher" in answer
