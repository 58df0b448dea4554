import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest
from toys import Addition, Calculator

import mmbench

DOCS = Path(__file__).parents[2] / "docs"


def _generator():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_fresh():
    assert _generator().stale() == [], "run `make docs`"


@pytest.mark.parametrize("name", ["manifest", "results"])
def test_a_real_run_follows_the_published_schema(tmp_path, name):
    run = mmbench.evaluate(Calculator(), Addition(), out=tmp_path, limit=5)
    schema = json.loads((DOCS / "reference" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((run.path / f"{name}.json").read_text()), schema)
