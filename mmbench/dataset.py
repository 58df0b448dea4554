"""A dataset is data: where its rows are, which columns a task needs, and what a user must know about it.

Nothing here reads anything; ``mmbench.data`` does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mmbench.metric import Metric

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hub:
    """A split of a dataset repository on the Hugging Face Hub, or in a mirror laid out like it.

    ``columns`` of a :class:`Dataset` may hold ``{option}`` placeholders, as may ``config`` and ``split``.

    Attributes:
        copies: other repositories with the same columns; a mirror may hold one of them in place of ``path``.
    """

    path: str
    config: str | None = None
    split: str = "test"
    revision: str | None = None
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """Rows in local jsonl, csv or parquet files; media paths are relative to the file that names them."""

    path: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """Rows made by a seeded generator: ``rows(split, **parameters)`` yields them without end.

    Attributes:
        generator: ``"package.module:function"``.
        version: changes when the same seed gives other rows; empty: ``VERSION`` of the generator's module.
        split: "train", "validation" or "test"; the streams never overlap.
        rows: how many rows an evaluation takes when there is no ``--limit``.
    """

    generator: str
    version: str = ""
    split: str = "test"
    rows: int = 500
    parameters: Mapping[str, Any] = field(default_factory=dict)


Source = Hub | Files | Embedded


@dataclass(frozen=True, slots=True)
class Join:
    """A second table that completes rows: pictures kept apart from questions, a sentence in another language.

    Attributes:
        source: where it is; held in memory while rows are read.
        key: the column of a row that names its partner.
        other: the column of the second table with that name.
        columns: new column of the row -> column of the second table.
    """

    source: Source
    key: str
    other: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Dataset:
    """One entry of a task's catalogue.

    Attributes:
        source: where the rows are.
        columns: the task's field -> the row's column; dots reach into structures and map over lists
            (``"answers.text"``). Fields that are not named are taken from columns of the same name.
        join: a second table whose columns rows get before anything else.
        gather: code that turns the source's rows into fewer or other rows (three references in three rows; an
            article in many lines); sees the source's columns, before ``columns`` are applied.
        convert: code for rows that columns alone cannot describe; called after ``columns`` were applied.
        defaults: the task's options this dataset changes (a prompt, a number of tokens).
        metrics: in place of the task's own.
        published: a published figure for a known model, and where it stands.
        shots: where few-shot examples come from, so that they never leak from the split under test.
    """

    source: Source
    columns: Mapping[str, str] = field(default_factory=dict)
    join: Join | None = None
    gather: Callable[[Iterator[dict[str, Any]]], Iterator[dict[str, Any]]] | None = None
    convert: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    shots: Source | None = None
    license: str = ""
    citation: str = ""
    published: str = ""
    size: int | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """What a field of a task may be called in a user's file.

    A task may declare ``known_columns: ClassVar[Mapping[str, Column]]``, its fields by name: then a file needs no
    ``columns`` for the usual names, and its task can be told from them.

    Attributes:
        names: other names than the field's own, the likeliest first.
        required: whether a row without this field makes no sense.
        many: whether the field may be a list; one in a CSV or TSV file is written as JSON.
        values_of: where no column has it: a list of all values that this field takes in the file.
    """

    names: tuple[str, ...] = ()
    required: bool = True
    many: bool = False
    values_of: str = ""
