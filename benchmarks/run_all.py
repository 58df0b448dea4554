"""Runs benchmarks and puts their tables into benchmarks/README.md.

    python benchmarks/run_all.py            # all
    python benchmarks/run_all.py overhead   # some

Each benchmark is a module beside this one with a docstring and ``main() -> list[str]``, the lines of a table.
"""

import importlib.util
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
README = HERE / "README.md"
TITLES = {
    "overhead": "What the harness costs",
    "bootstrap": "Intervals",
    "metrics_speed": "Metrics against their reference packages",
    "api_client": "API client",
    "sequential": "Sequential gate",
}


def measure(name: str) -> str:
    """Run one benchmark; return its section."""
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", HERE / f"{name}.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no benchmark called {name}; known: {', '.join(TITLES)}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table = "\n".join(module.main())
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return (
        f"<!-- {name} -->\n## {TITLES[name]}\n\n{(module.__doc__ or '').strip()}\n\n"
        f"`python benchmarks/run_all.py {name}` on {when}, {machine}:\n\n{table}\n<!-- /{name} -->"
    )


def put(text: str, name: str, section: str) -> str:
    """Replace a section of the page, or add it at the end."""
    pattern = re.compile(rf"<!-- {name} -->.*?<!-- /{name} -->", re.DOTALL)
    if pattern.search(text):
        return pattern.sub(lambda _: section, text)
    return f"{text.rstrip()}\n\n{section}\n"


def main() -> None:
    """Measure what the command line names."""
    for name in sys.argv[1:] or TITLES:
        section = measure(name)
        print(section)
        README.write_text(put(README.read_text(), name, section))


if __name__ == "__main__":
    main()
