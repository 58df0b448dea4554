"""``mmbench new-task``: a plug-in with one small task, to be changed into one's own."""

import re
from pathlib import Path
from typing import Annotated

import typer

_SKELETON = Path(__file__).with_name("skeleton")


def new_task(
    name: Annotated[str, typer.Argument(help="The task's name: lower-case letters, digits, - and _.")],
    to: Annotated[Path, typer.Option("--to", help="Make the folder NAME here.")] = Path(),
) -> None:
    """Write a package with a task, its data and a test that passes; change it into your own."""
    from mmbench.errors import StoreError

    _check(name)
    folder = to / name
    if folder.exists():
        raise StoreError(f"{folder} is there already. Choose another name, or another place with --to.")
    try:
        for path, text in files(name).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
            typer.echo(f"wrote {folder / path}")
    except OSError as error:
        raise StoreError(f"cannot write {folder}: {error.strerror}. Choose another place with --to.") from error
    typer.echo(f"\nTest it: python -m pytest {folder}\nUse it:  python -m pip install -e {folder}")
    typer.echo(f"         mmbench run --model oracle --tasks {name}")


def files(name: str) -> dict[str, str]:
    """Return the files of the package by their paths in its folder."""
    from string import Template

    words = re.split(r"[-_]+", name)
    module = f"{'_'.join(words)}_task"
    places = {
        "pyproject.toml": "pyproject.toml",
        f"src/{module}/__init__.py": "task.py",
        f"src/{module}/rows.jsonl": "rows.jsonl",
        f"src/{module}/py.typed": "",
        f"tests/test_{module}.py": "test_task.py",
    }
    names = {"name": name, "module": module, "cls": "".join(word.capitalize() for word in words)}
    return {
        path: Template((_SKELETON / f"{source}.tmpl").read_text(encoding="utf-8")).substitute(names)
        if source
        else ""
        for path, source in places.items()
    }


def _check(name: str) -> None:
    """Refuse names that are no names, and those of tasks that are there.

    Raises:
        UsageError: the name cannot be used.
    """
    from mmbench import plugins
    from mmbench.engine.select import SUITES
    from mmbench.errors import UsageError

    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name):
        raise UsageError(
            f"'{name}' is no name for a task: use lower-case letters, digits, - and _, as in my-task."
        )
    if name in plugins.names("tasks") or name in SUITES:
        raise UsageError(f"there is a task '{name}' already. Choose another name.")
