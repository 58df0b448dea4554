from dataclasses import dataclass
from importlib.metadata import EntryPoint

import pytest

from mmbench import plugins
from mmbench.engine.options import convert, load_metric, option_kinds
from mmbench.errors import UsageError
from mmbench.metrics.extraction import Extractor, Number


@dataclass(frozen=True)
class Window:
    """A metric-like class with options."""

    kind: str = "plain"
    size: int = 3
    strict: bool = False

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("size must be at least 1")


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    point = EntryPoint("window", f"{__name__}:Window", "mmbench.metrics")
    monkeypatch.setattr(plugins, "names", lambda group: {"window": point})
    monkeypatch.setattr(EntryPoint, "load", lambda self: Window)


def test_kinds_of_a_class_and_of_an_instance():
    assert option_kinds(Window) == option_kinds(Window()) == {"kind": str, "size": int, "strict": bool}
    assert option_kinds(3) == {}


@pytest.mark.parametrize(
    ("spec", "made"),
    [
        ("window", Window()),
        ("window:other", Window("other")),
        ("window:size=5", Window(size=5)),
        ("window:other,size=5,strict=true", Window("other", 5, True)),
    ],
)
def test_metrics_from_text(spec, made):
    assert load_metric(spec) == made


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("windows", "Did you mean 'window'"),
        ("window:siz=5", "Did you mean 'size'"),
        ("window:size=big", "size=big"),
        ("window:size=0", "at least 1"),
    ],
)
def test_mistakes_are_explained(spec, message):
    with pytest.raises(UsageError, match=message):
        load_metric(spec)


def test_values_are_read_by_type():
    assert convert("x", "7", int) == 7
    assert convert("x", "false", bool) is False
    with pytest.raises(UsageError, match="x=maybe"):
        convert("x", "maybe", bool)


@dataclass(frozen=True)
class Read:
    """A metric-like class with an extractor."""

    extractor: Extractor | None = None


def test_extractors_are_named_in_text(monkeypatch):
    monkeypatch.setattr(EntryPoint, "load", lambda self: Read)
    assert load_metric("window:extractor=number-lenient") == Read(Number(lenient=True))
    with pytest.raises(UsageError, match="Did you mean 'number-lenient'"):
        load_metric("window:extractor=numbers-lenient")
