"""``python:module:factory``: any Python object as a model.

The factory, called without arguments, returns either a :class:`mmbench.model.Model`, or a plain function from
a list of prompts (``list[str]``) to a list of answers (``list[str]``).
"""

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mmbench.errors import ModelError, UsageError
from mmbench.model import Baseline, Capabilities, Model
from mmbench.schema import Generate, Request, Response

Function = Callable[[list[str]], Sequence[str]]


def load(spec: str) -> Model | Baseline:
    """Import ``module:factory`` (modules in the working directory are found) and call the factory.

    Raises:
        UsageError: the string has another form, or there is no such module or factory, or it wants arguments.
        ModelError: what the factory returns is neither a model nor a function.
    """
    module_name, _, factory_name = spec.partition(":")
    if not module_name or not factory_name:
        raise UsageError(f"'python:{spec}' should have the form python:module:factory.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        factory = getattr(importlib.import_module(module_name), factory_name)
    except ModuleNotFoundError as error:
        raise UsageError(f"python:{spec}: {error}. Run from the module's folder, or install it.") from error
    except AttributeError as error:
        raise UsageError(f"python:{spec}: {error}.") from error
    if not _takes_nothing(factory):
        raise UsageError(
            f"python:{spec} cannot be called without arguments. Name a function that takes none and returns the "
            "model, or the function that answers."
        )
    made = factory()
    if isinstance(made, Baseline) or hasattr(made, "run"):
        model: Model | Baseline = made
        return model
    if callable(made):
        return FunctionModel(f"{module_name}:{factory_name}", made)
    raise ModelError(f"python:{spec} returned a {type(made).__name__}, which is neither a model nor a function.")


class FunctionModel:
    """A function from prompts to answers; takes text, answers ``Generate``.

    Its fingerprint is a hash of the source file that defines it: edit the file, and the store misses.
    """

    batch_size = 256
    capabilities = Capabilities(frozenset({"text"}), frozenset({Generate}))

    def __init__(self, name: str, function: Function) -> None:
        self.name = name
        self._function = function
        self.fingerprint = f"python:{name}:{_source_hash(function)}"

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        """Call the function once with all prompts.

        Raises:
            ModelError: it returns something else than one string a prompt.
        """
        prompts = ["\n\n".join(turn.text for turn in request.messages) for request in _generations(requests)]
        answers = list(self._function(prompts))
        if len(answers) != len(prompts) or not all(isinstance(answer, str) for answer in answers):
            raise ModelError(f"model {self.name} must return one string for each of the {len(prompts)} prompts.")
        return [Response(text=answer) for answer in answers]

    def size(self, request: Request) -> int:
        """Characters of the prompt."""
        return sum(len(turn.text) for turn in request.messages) if isinstance(request, Generate) else 0

    def close(self) -> None:
        """Nothing to free."""


def _takes_nothing(factory: object) -> bool:
    """Tell whether something can be called without arguments, as far as its signature tells."""
    if not callable(factory):
        return False
    try:
        inspect.signature(factory).bind()
    except ValueError:  # some built-in functions have no signature
        return True
    except TypeError:
        return False
    return True


def _generations(requests: Sequence[Request]) -> list[Generate]:
    return [request for request in requests if isinstance(request, Generate)]


def _source_hash(function: Function) -> str:
    """Hash the file that defines the function, or its code where there is no file."""
    target = function if inspect.isroutine(function) else type(function)
    try:
        source = Path(inspect.getfile(target)).read_bytes()
    except (OSError, TypeError) as error:
        raise ModelError(f"cannot find the source of {function!r}; give the factory a Model instead.") from error
    return hashlib.sha256(source).hexdigest()
