"""A user's own dataset in a YAML file: where its rows are, which columns, prompt and metrics.

What the file leaves out is taken from where the rows are: columns by their usual names, licence and citation
from a Croissant record or a card.

::

    task: vqa
    data: signs.jsonl                  # beside this file; or {hub: org/name, config: x, split: test}
    columns: {question: q, answers: a}
    prompt: "{question} Answer with one word."
    metrics: [exact-match]
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mmbench import plugins
from mmbench.data.files import FileReader
from mmbench.data.local import Convert, columns_of, completing, usual_columns
from mmbench.data.metadata import Metadata, read_metadata
from mmbench.data.places import mirror_folder
from mmbench.dataset import Column, Dataset, Files, Hub
from mmbench.errors import DataError, did_you_mean

M = TypeVar("M", bound=BaseModel)


_PROMPTS = ("prompt", "closed_prompt", "lettered_prompt")
"""A task's templates; which one is used depends on the row."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class HubPlace(_Strict):
    """Rows on the Hub, or in a mirror of it."""

    hub: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    config: str | None = None
    split: str = "test"
    revision: str | None = None


class UserFile(_Strict):
    """The keys of the file.

    Attributes:
        task: the task that asks the questions.
        data: a jsonl, csv, tsv or parquet file, relative to this one, or a place on the Hub.
        name: what results call the dataset; default: the name of this file.
        columns: the task's field -> the column; fields that are not named are columns of the same name.
        fields: values that are the same in every row, e.g. ``choices: [yes, no]``.
        prompt: the task's prompt template.
        options: other options of the task.
        metrics: in place of the task's own; names as in ``mmbench list metrics``.
        shots: where few-shot examples come from; as ``data``.
    """

    task: str
    data: str | HubPlace
    name: str = ""
    columns: dict[str, str] = {}
    fields: dict[str, Any] = {}
    prompt: str = ""
    options: dict[str, Any] = {}
    metrics: list[str] = []
    shots: str | HubPlace | None = None
    license: str = ""
    citation: str = ""
    notes: str = ""


@dataclass(frozen=True)
class UserDataset:
    """What a YAML file says: a dataset for a task, and the names of its metrics (none: the task's own).

    ``error`` builds an error that points at a key of the file, given as the way there: ``("metrics", 0)``.
    """

    task: str
    name: str
    dataset: Dataset
    metrics: tuple[str, ...]
    error: Callable[[Sequence[int | str], str], DataError] = field(compare=False)


def read_user_dataset(path: Path | str) -> UserDataset:
    """Read a dataset's YAML file.

    Raises:
        DataError: names the file, the line and the key that is wrong.
    """
    path = Path(path)
    text = _text(path)
    spec = _validated(UserFile, text, path)
    lines = _Lines(text, path)
    known = plugins.names("tasks")
    if spec.task not in known:
        raise lines.error(("task",), f"there is no task '{spec.task}'.{did_you_mean(spec.task, known)}")
    options = _options(spec, lines)
    source = _source(spec.data, path, lines, "data")
    columns, convert = _rows(spec, source)
    told = _metadata(source)
    dataset = Dataset(
        source,
        columns=columns,
        convert=convert,
        defaults=options,
        shots=_source(spec.shots, path, lines, "shots") if spec.shots else None,
        license=spec.license or told.license,
        citation=spec.citation or told.citation,
        notes=spec.notes or told.notes,
        size=told.sizes.get(source.split) if isinstance(source, Hub) else None,
    )
    return UserDataset(spec.task, spec.name or path.stem, dataset, tuple(spec.metrics), lines.error)


def _rows(spec: UserFile, source: Files | Hub) -> tuple[dict[str, str], Convert | None]:
    """Return columns by field, those of a file also by their usual names, and what completes its rows."""
    columns, complete = dict(spec.columns), None
    if isinstance(source, Files):
        every: Mapping[str, Column] = getattr(plugins.load("tasks", spec.task), "known_columns", {})
        known = {name: column for name, column in every.items() if name not in spec.fields}
        silent = {name: column for name, column in known.items() if name not in columns}
        taken = set(columns.values())
        columns |= usual_columns(silent, [name for name in columns_of(source.path) if name not in taken])
        complete = completing(source.path, known, columns)
    if not spec.fields:
        return columns, complete
    return columns, lambda row: spec.fields | (complete(row) if complete else row)


def _metadata(source: Files | Hub) -> Metadata:
    if isinstance(source, Files):
        return read_metadata(Path(source.path).parent)
    folder = mirror_folder(source)
    return read_metadata(folder, source.config or "default") if folder else Metadata()


def _source(place: str | HubPlace, path: Path, lines: "_Lines", key: str) -> Files | Hub:
    if isinstance(place, HubPlace):
        return Hub(place.hub, place.config, place.split, place.revision)
    found = str(path.parent / place)
    try:
        FileReader(found)
    except DataError as error:
        raise lines.error((key,), str(error)) from error
    return Files(found)


def _options(spec: UserFile, lines: "_Lines") -> dict[str, Any]:
    """Return the options in the types that the task wants; refuse those that it does not have."""
    task = plugins.load("tasks", spec.task)
    kinds = get_type_hints(task) if dataclasses.is_dataclass(task) else {}
    known = {option.name for option in dataclasses.fields(task) if option.init} if kinds else set()
    options: dict[str, Any] = {}
    prompts = {option: spec.prompt for option in _PROMPTS if option in known} if spec.prompt else {}
    if spec.prompt and not prompts:
        raise lines.error(("prompt",), f"task '{spec.task}' has no prompt.")
    for option, value in (prompts | spec.options).items():
        where = ("options", option)
        if option not in known:
            hint = did_you_mean(option, known)
            raise lines.error(where, f"task '{spec.task}' has no option '{option}'.{hint}")
        try:
            options[option] = msgspec.convert(value, kinds[option], strict=False)
        except msgspec.ValidationError as error:
            raise lines.error(where, f"{error}.") from error
    return options


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read '{path}': {getattr(error, 'strerror', None) or error}.") from error


def _validated(model: type[M], text: str, path: Path) -> M:
    lines = _Lines(text, path)
    try:
        return model.model_validate(lines.value)
    except ValidationError as error:
        # of a union's members that all failed, the deepest complaint is about the one that was meant
        first = max(error.errors(), key=lambda found: len(found["loc"]))
        where = tuple(part for part in first["loc"] if not str(part).endswith("Place") and part != "str")
        key = str(where[-1]) if where else ""
        hint = did_you_mean(key, model.model_fields) if first["type"] == "extra_forbidden" else ""
        told = "is no key here." + hint if hint else f"{first['msg']}."
        raise lines.error(where, told) from error


class _Lines:
    """A YAML document that remembers at which line each key is."""

    def __init__(self, text: str, path: Path) -> None:
        self._path = path
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.value = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise DataError(f"{path}:{line}: this is no YAML: {error.problem}.") from error
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise DataError(
                f"{path}:{line}: this is no YAML: it holds the character #x{error.character:04x}."
            ) from error
        if not isinstance(self.value, dict):
            raise DataError(f"{path}:1: expected keys and values, as in 'task: vqa'.")
        self._refuse_twins(self._root)

    def error(self, where: Sequence[int | str], told: str) -> DataError:
        """Build the error about a key."""
        key = ".".join(str(part) for part in where)
        return DataError(f"{self._path}:{self._line(where)}: {key}: {told}")

    def _refuse_twins(self, node: yaml.Node | None) -> None:
        """Refuse a key that stands twice: YAML would take the last one and say nothing."""
        if not isinstance(node, yaml.MappingNode):
            return
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise DataError(f"{self._path}:{key.start_mark.line + 1}: {key.value}: this key stands twice.")
            seen.add(key.value)
            self._refuse_twins(value)

    def _line(self, where: Sequence[int | str]) -> int:
        """Return the line of a key, or of the last part of the way there that exists."""
        node, line = self._root, 1
        for part in where:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = next(((key, value) for key, value in pairs if key.value == part), None)
            if found is None and isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                found = (node.value[part], node.value[part])
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line
