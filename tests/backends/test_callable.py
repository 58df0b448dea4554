import sys

import pytest

from mmbench.backends import load_model
from mmbench.errors import ModelError, UsageError
from mmbench.schema import Generate, user


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module in the working directory; forget it afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(body: str) -> None:
        (tmp_path / "given.py").write_text(body)
        sys.modules.pop("given", None)

    yield write
    sys.modules.pop("given", None)


ASK = [Generate((user("one"), user("two"))), Generate((user("three"),))]


def test_a_function_from_prompts_to_answers(module):
    module("def make():\n    return lambda prompts: [p.upper() for p in prompts]\n")
    model = load_model("python:given:make")
    assert [response.text for response in model.run(ASK)] == ["ONE\n\nTWO", "THREE"]
    assert model.size(ASK[1]) == 5


def test_a_changed_source_file_changes_the_fingerprint(module):
    module("def make():\n    return lambda prompts: ['a'] * len(prompts)\n")
    before = load_model("python:given:make").fingerprint
    module("def make():\n    return lambda prompts: ['b'] * len(prompts)\n")
    assert load_model("python:given:make").fingerprint != before


@pytest.mark.parametrize("body", ["['a']", "[1, 2]", "'ab'[:1]"])
def test_anything_but_one_string_a_prompt_is_refused(module, body):
    module(f"def make():\n    return lambda prompts: {body}\n")
    with pytest.raises(ModelError, match="one string for each of the 2 prompts"):
        load_model("python:given:make").run(ASK)


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("python:given", UsageError, "python:module:factory"),
        ("python:given:missing", UsageError, "missing"),
        ("python:not_there_at_all:make", UsageError, "not_there_at_all"),
        ("python:given:seven", ModelError, "returned a int"),
        ("python:given:answer", UsageError, "cannot be called without arguments"),
        ("python:given:number", UsageError, "cannot be called without arguments"),
    ],
)
def test_mistakes_are_explained(module, spec, error, message):
    module("number = 7\n\ndef seven():\n    return 7\n\ndef answer(prompts):\n    return prompts\n")
    with pytest.raises(error, match=message):
        load_model(spec)
