"""A recipe: all that decides what a training run makes, as YAML.

Every mistake in a recipe is told with its file, line and key.
"""

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from mmbench.errors import UsageError, did_you_mean
from mmbench.training import RecipeInfo, recipes_in

RECIPES = Path(__file__).parent.parent / "recipes"
_LINE = "__line__"


@dataclass(frozen=True)
class Source:
    """A dataset to learn from.

    Attributes:
        task: ``task`` or ``task:dataset``, as for ``mmbench run``.
        weight: its share of the examples, beside those of the other sources.
        set: the task's options, and those of its dataset's generator.
        split: where examples come from; never "test".
        part: "all" rows of the split, or those whose number is ("tail") or is not ("head") a multiple of ten plus
            nine: for data without a validation split.
        think: teach to write before an answer what it follows from, "evidence", or all that there is in the
            picture, "scene" (see :mod:`.thoughts`).
    """

    task: str
    weight: float = 1.0
    set: Mapping[str, Any] = field(default_factory=dict)
    split: str = "train"
    part: Literal["all", "head", "tail"] = "all"
    think: Literal["", "evidence", "scene"] = ""


@dataclass(frozen=True)
class Stage:
    """A stretch of the training with one mixture of data.

    Attributes:
        name: what logs call it.
        steps: optimizer steps.
        mix: where examples come from.
        loss: which tokens are learnt: those of the "answer", or "all", the prompt's too; "masked": some of all
            texts, which are hidden from a model that reads both ways (backbone ``span``).
        balance: one of n learnt tokens of an example weighs n to the power of minus this, so that long answers
            do not drown short ones; 0: all tokens weigh alike, 1: all examples do.
        apart: a thought and the answer after it count as two examples for ``balance``, so that the thought, which
            is longer, does not drown the answer.
    """

    name: str
    steps: int
    mix: tuple[Source, ...]
    loss: Literal["answer", "all", "masked"] = "answer"
    balance: float = 0.0
    apart: bool = False


@dataclass(frozen=True)
class TokenizerPlan:
    """How to train the tokenizer: "bpe", "wordpiece" or "unigram", on so many examples of every source."""

    kind: Literal["bpe", "wordpiece", "unigram"] = "bpe"
    vocab_size: int = 2048
    examples: int = 2000


@dataclass(frozen=True)
class OptimPlan:
    """AdamW, or Muon, with linear warm-up and a cosine down to ``final`` times the peak.

    Attributes:
        kind: "adamw"; "muon" moves the matrices of blocks by Muon, at AdamW's scale, and the rest by AdamW.
        lr: the peak.
        warmup: steps until then.
        decay: weight decay of matrices; vectors (norms, biases) have none.
        clip: the largest norm of the gradient; 0 for no limit.
    """

    kind: Literal["adamw", "muon"] = "adamw"
    lr: float = 1e-3
    warmup: int = 100
    final: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.98
    decay: float = 0.1
    clip: float = 1.0


@dataclass(frozen=True)
class BatchPlan:
    """How examples become batches.

    Attributes:
        examples: in a batch, on average.
        bucket: so many batches are made together, of like lengths each, and about equal in tokens.
        accumulate: batches a step, over all processes.
        most_tokens: longer examples are left out.
        workers: processes that make batches; 0 makes them between steps.
    """

    examples: int = 32
    bucket: int = 16
    accumulate: int = 1
    most_tokens: int = 512
    workers: int = 1


@dataclass(frozen=True)
class ValidationPlan:
    """When and on what to validate.

    Attributes:
        every: steps between two validations; 0 for none.
        batches: of the last stage's mixture, from its validation streams, for the loss.
        tasks: what ``mmbench.evaluate`` runs, on the validation split of embedded datasets.
        limit: rows of each.
        patience: stop after so many validations without a lower loss; 0 never stops early.
    """

    every: int = 0
    batches: int = 8
    tasks: tuple[str, ...] = ()
    limit: int = 50
    patience: int = 0


@dataclass(frozen=True)
class Recipe:
    """See the module.

    Attributes:
        name: of the recipe and of the model that it makes.
        about: one line for lists.
        seed: of weights, data order and dropout.
        model: fields of ``ReferenceConfig``; or ``from``, the weights and tokenizer to begin with (see
            :mod:`.start`).
        dtype: "bf16" computes in bfloat16 (weights stay float32), "auto" does so on a GPU only.
        compile: use ``torch.compile``.
        save_every: steps between two checkpoints.
        keep: how many checkpoints are kept.
    """

    name: str
    about: str = ""
    seed: int = 1
    model: Mapping[str, Any] = field(default_factory=dict)
    tokenizer: TokenizerPlan = TokenizerPlan()
    stages: tuple[Stage, ...] = ()
    batch: BatchPlan = BatchPlan()
    optim: OptimPlan = OptimPlan()
    validation: ValidationPlan = ValidationPlan()
    dtype: Literal["auto", "fp32", "bf16"] = "auto"
    compile: bool = False
    save_every: int = 500
    keep: int = 1

    @property
    def steps(self) -> int:
        """Optimizer steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    @property
    def digest(self) -> str:
        """SHA-256 over everything in the recipe."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def stage_of(self, step: int) -> tuple[int, int]:
        """Return the number of the stage that step ``step`` (from 0) belongs to, and its first step."""
        first = 0
        for number, stage in enumerate(self.stages):
            if step < first + stage.steps:
                return number, first
            first += stage.steps
        raise IndexError(f"step {step} of {self.steps}")


def shipped() -> list[RecipeInfo]:
    """Return the recipes of this package."""
    return recipes_in(RECIPES)


def find_recipe(recipe: str) -> Path:
    """Return the file of a recipe.

    Raises:
        UsageError: there is none of that name.
    """
    path = Path(recipe)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise UsageError(f"there is no recipe file '{recipe}'.")
        return path
    names = [path.stem for path in RECIPES.glob("*.yaml")]
    if recipe not in names:
        raise UsageError(f"unknown recipe '{recipe}'.{did_you_mean(recipe, names)}")
    return RECIPES / f"{recipe}.yaml"


def load_recipe(path: Path, changes: Mapping[str, Any] | None = None) -> Recipe:
    """Read a recipe, with some of its keys changed.

    Raises:
        UsageError: it is no YAML, or holds a key or a value that recipes do not have; tells file, line and key.
    """
    return build(read_yaml(path), changes or {}, str(path))


def build(content: dict[str, Any], changes: Mapping[str, Any], where: str) -> Recipe:
    """Make a recipe of what :func:`read_yaml` read.

    Raises:
        UsageError: as :func:`load_recipe`.
    """
    from mmbench_reference_models.training.checking import check  # which knows recipes

    for key, value in changes.items():
        _change(content, key, value)
    recipe: Recipe = _build(Recipe, content, where, "")
    if not recipe.steps:
        raise UsageError(f"{where}: the recipe has no stages with steps.")
    check(recipe, content, where)
    return recipe


def line_of(content: Mapping[str, Any], name: str, where: str) -> str:
    """Return the file, and the line of a key that stands there and is not changed from outside."""
    lines = content.get(_LINE, {})
    return f"{where}, line {lines[name]}" if name in lines else where


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping; each mapping in it also holds the lines of its keys.

    Raises:
        UsageError: it is none.
    """
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise UsageError(f"{path}:{line} no YAML: {getattr(error, 'problem', error)}.") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path}: a recipe is a mapping of keys to values.")
    return found


class _Loader(yaml.SafeLoader):
    """Remembers on which line each key stands."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found = super().construct_mapping(node, deep=deep)
        found[_LINE] = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        return found


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def plain(value: Any) -> Any:
    """Return what was read without the lines."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if key != _LINE}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _change(content: dict[str, Any], key: str, value: Any) -> None:
    """Set ``a.b.2.c`` in what was read."""
    *path, last = key.split(".")
    place: Any = content
    for step in path:
        place = place[_index(place, step, key)] if isinstance(place, list) else place.setdefault(step, {})
        if not isinstance(place, dict | list):
            raise UsageError(f"--set {key}: '{step}' holds no further keys.")
    if isinstance(place, list):
        place[_index(place, last, key)] = value
    else:
        place[last] = value


def _index(place: list[Any], step: str, key: str) -> int:
    """Return a position in a list, given as its number or as the ``name`` of what stands there."""
    names = [item.get("name") if isinstance(item, dict) else None for item in place]
    if step in names:
        return names.index(step)
    if step.isdigit() and int(step) < len(place):
        return int(step)
    raise UsageError(f"--set {key}: there is no '{step}' in a list of {len(place)}.")


def _build(kind: Any, content: Any, where: str, key: str) -> Any:
    """Make a dataclass of a mapping."""
    if not isinstance(content, dict):
        raise UsageError(f"{where}: '{key}' must be a mapping, not {content!r}.")
    hints = get_type_hints(kind)
    known = {entry.name for entry in dataclasses.fields(kind)}
    values = {}
    for name, value in content.items():
        if name == _LINE:
            continue
        full = f"{key}.{name}" if key else name
        spot = line_of(content, name, where)
        if name not in known:
            raise UsageError(f"{spot}: unknown key '{full}'.{did_you_mean(str(name), known)}")
        values[name] = _value(hints[name], value, where, spot, full)
    needed = {entry.name for entry in dataclasses.fields(kind) if _required(entry)} - set(values)
    if needed:
        raise UsageError(f"{where}: '{key or 'the recipe'}' lacks the key '{min(needed)}'.")
    return kind(**values)


def _required(entry: dataclasses.Field[Any]) -> bool:
    return entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING


def _value(kind: Any, value: Any, where: str, spot: str, key: str) -> Any:
    origin = get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _build(kind, value, where, key)
    if origin is tuple:
        if not isinstance(value, list):
            raise UsageError(f"{spot}: '{key}' must be a list.")
        return tuple(
            _value(get_args(kind)[0], item, where, spot, f"{key}.{number}") for number, item in enumerate(value)
        )
    if origin is Literal:
        if value not in get_args(kind):
            raise UsageError(f"{spot}: '{key}' is {value!r}.{did_you_mean(str(value), get_args(kind))}")
        return value
    if origin is Mapping:
        if not isinstance(value, dict):
            raise UsageError(f"{spot}: '{key}' must be a mapping.")
        return plain(value)
    return scalar(kind, value, spot, key)


def scalar(kind: Any, value: Any, spot: str, key: str) -> Any:
    """Return a value that is of a kind in ``SCALARS`` and in range.

    Raises:
        UsageError: it is not; ``spot`` says where and ``key`` what it is.
    """
    if kind is float and isinstance(value, str | int) and not isinstance(value, bool):
        with contextlib.suppress(ValueError):
            value = float(value)  # YAML reads 1e-3 as text
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UsageError(f"{spot}: '{key}' must be {SCALARS[kind]}, not {value!r}.")
    least = int(key.rpartition(".")[2] in _SOME)
    if kind in (int, float) and value < least:
        raise UsageError(f"{spot}: '{key}' must be at least {least}, not {value!r}.")
    return value


_SOME = ("accumulate", "batches", "bucket", "examples", "keep", "limit", "most_tokens", "save_every")
"""Keys of which there must be one at least; no number of a recipe is negative."""
SCALARS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
