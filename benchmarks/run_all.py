"""Runs benchmarks and puts their tables into benchmarks/README.md.

    python benchmarks/run_all.py            # all
    python benchmarks/run_all.py overhead   # some

Each benchmark is a program beside this one with a docstring; it prints the lines of a table.
"""

import ast
import os
import platform
import re
import subprocess
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
    "training": "Training",
    "worlds_speed": "Embedded worlds",
    "view": "Every sample in a browser",
    "coverage": "Coverage of intervals, false positives",
    "hf_loop": "Against a bare Transformers loop",
    "peers": "Against other harnesses",
    "streaming": "Reading large sets",
    "memory_starved": "Starved of memory",
}


def measure(name: str) -> str:
    """Run one benchmark in a process of its own, so that none sees the memory of another; return its section."""
    path = HERE / f"{name}.py"
    if not path.exists():
        raise SystemExit(f"no benchmark called {name}; known: {', '.join(TITLES)}")
    process = subprocess.run([sys.executable, str(path)], check=True, stdout=subprocess.PIPE, text=True)
    about = ast.get_docstring(ast.parse(path.read_text())) or ""
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return (
        f"<!-- {name} -->\n## {TITLES[name]}\n\n{about}\n\n"
        f"`python benchmarks/run_all.py {name}` on {when}, {machine}:\n\n{process.stdout.strip()}\n"
        f"<!-- /{name} -->"
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
