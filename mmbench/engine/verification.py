"""What ``verify`` says: the faults of a run folder, each with its reason."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["file", "manifest", "rows", "answer", "score", "dataset"]
"""What is wrong: a file cannot be read; the manifest is incomplete; rows are missing or too many; an answer does
not give what is stored beside it; a value in results.json is not that of the answers; the samples are not those of
the dataset."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to refuse a run. ``place`` is "task:dataset", or "" for the whole run."""

    kind: Kind
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.place}: {self.text}" if self.place else f"{self.kind}: {self.text}"


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of verifying a run folder.

    Attributes:
        run: the folder's name.
        model: the model's name, "" if the manifest cannot be read.
        faults: reasons to refuse the run; none if it is verified.
        notes: what could not be checked here, and why.
        samples: rows whose statistics were computed again.
        values: values of results.json that were computed again.
        datasets: "task:dataset" -> whether its samples were compared with the dataset itself.
    """

    run: str
    model: str
    faults: list[Fault]
    notes: list[str]
    samples: int
    values: int
    datasets: dict[str, bool]

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.faults


@dataclass
class Findings:
    """Collects faults; those of many samples are told once, with their number and the first."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    samples: int = 0
    values: int = 0
    datasets: dict[str, bool] = field(default_factory=dict)
    _counted: dict[tuple[Kind, str, str], list[str]] = field(default_factory=dict)

    def add(self, kind: Kind, place: str, text: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(kind, place, text))

    def add_sample(self, kind: Kind, place: str, sample: str, text: str) -> None:
        """Note a fault of one sample."""
        self._counted.setdefault((kind, place, text), []).append(sample)

    def told(self, run: str, model: str) -> Verification:
        """Return all that was found."""
        faults = list(self.faults)
        for (kind, place, text), ids in self._counted.items():
            who = f"sample '{ids[0]}'" if len(ids) == 1 else f"{len(ids):,} samples, the first '{ids[0]}'"
            faults.append(Fault(kind, place, f"{who}: {text}."))
        return Verification(run, model, faults, self.notes, self.samples, self.values, self.datasets)
