"""The script that builds what is kept in reports/published: the part that needs no model."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from mmbench.errors import StoreError

HOME = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    found = importlib.util.spec_from_file_location("build_published", HOME / "reports" / "build_published.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def grid(tmp_path, writer, told) -> Path:
    """A grid of a base and two variants, scored on one task."""
    for name, share in (("base", 0.5), ("fusion-mean", 0.3), ("positions-learned", 0.9)):
        writer(tmp_path / "scores" / name)(name, told("x", values={"accuracy": share}, scored=True))
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text('{"steps": 1234}')
    variants = {
        "base": {},
        "fusion-mean": {"model.fusion": "mean"},
        "positions-learned": {"model.positions": "learned"},
    }
    content = {
        "base": "tiny",
        "short": {},
        "tasks": ["x"],
        "limit": 100,
        "variants": variants,
        "options": {"difficulty": "1"},
    }
    (tmp_path / "grid.yaml").write_text(yaml.safe_dump({"grid": content}, sort_keys=False))
    return tmp_path


def test_a_grid_becomes_a_report_and_a_part_of_the_docs(script, grid):
    page = grid / "page.md"
    page.write_text(f"# Before\n\n{script.BEGIN}old words\n{script.END}\n\nAfter.\n")
    script.ablation(str(grid / "grid.yaml"), grid, grid / "ablation.html", page)
    assert 'id="choices"' in (grid / "ablation.html").read_text()
    text = page.read_text()
    assert text.startswith("# Before\n\n")
    assert text.endswith("\n\nAfter.\n")
    assert "old words" not in text
    assert "Each model learnt for 1,234 steps and answered 100 rows of each task, difficulty 1." in text
    assert "- **fusion**: concat" in text
    assert "| positions (base: rotary) |" in text
    script.ablation(str(grid / "grid.yaml"), grid, grid / "ablation.html", page)
    assert page.read_text() == text


def test_a_grid_that_is_not_done_and_a_page_without_room_are_refused(script, grid):
    page = grid / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(StoreError, match="has no place for the ablation"):
        script.ablation(str(grid / "grid.yaml"), grid, grid / "ablation.html", page)
    for path in (grid / "scores" / "fusion-mean").glob("*/results.json"):
        path.unlink()
    with pytest.raises(StoreError, match="no scores of fusion-mean"):
        script.ablation(str(grid / "grid.yaml"), grid, grid / "ablation.html", page)


def test_the_page_of_the_reference_models_has_room_for_the_ablation(script):
    assert script.BEGIN in script.PAGE.read_text()
    assert script.END in script.PAGE.read_text().partition(script.BEGIN)[2]
