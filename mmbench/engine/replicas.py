"""``--engine ray``: copies of a model in worker processes, on this machine or on many.

The copies are fed by the planner that feeds a local model, with the same batches, and their answers come back to
the one store. A worker that dies takes nothing with it: another one gets its batches, and a new one its place.
"""

import os
import sys
from collections import Counter, deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from mmbench.engine.executors import Batches, Group
from mmbench.engine.replica import Description, Replica
from mmbench.errors import ModelError, UsageError
from mmbench.model import Capabilities
from mmbench.schema import Request, Response

AHEAD = 2
"""Batches that a worker has at a time: one that it works on, and one that it need not wait for."""
RETRIES = 3
"""Workers that a batch may outlive; one that has seen more of them die is most likely why."""


PATIENCE = 1800.0
"""Seconds until somebody is ready to work: large models take minutes to load, a full cluster never starts one."""
USAGE = 10.0
"""Seconds that workers have to tell how much memory they used; they tell it between two batches."""


@dataclass(frozen=True, slots=True)
class RaySettings:
    """Where and how many.

    Attributes:
        address: of a Ray cluster, such as ``ray://head:10001`` or ``auto``; None for RAY_ADDRESS, else a cluster
            on this machine that ends with the run.
        replicas: copies of the model; None for one a GPU (or as many as fit), on machines without GPUs for one.
        gpus_per_replica: GPUs of each; a part of one, such as 0.5, lets copies share it. None for one if there are
            GPUs.
        cpus_per_replica: processor cores of each; PyTorch gets as many threads.
    """

    address: str | None = None
    replicas: int | None = None
    gpus_per_replica: float | None = None
    cpus_per_replica: float = 1.0

    def __post_init__(self) -> None:
        if self.replicas is not None and self.replicas < 1:
            raise UsageError(f"--replicas must be at least 1, not {self.replicas}.")
        gpus = self.gpus_per_replica or 0.0
        if gpus < 0 or (gpus > 1 and gpus != int(gpus)):
            raise UsageError(f"--gpus-per-replica must be a part of 1 or a whole number, not {gpus:g}.")
        if self.cpus_per_replica < 0:
            raise UsageError(f"--cpus-per-replica must not be negative, but is {self.cpus_per_replica:g}.")


@dataclass(eq=False)
class _Worker:
    """A replica as the driver sees it; ``loading`` is None once its model is there."""

    actor: Any
    loading: Any
    batches: dict[Any, int] = field(default_factory=dict)


class RayModel:
    """Many copies of one model, as a model and as an executor of batches.

    Raises:
        UsageError: Ray is not installed, the cluster is too small, or the model has no such option.
        ModelError: there is no cluster, or the model cannot be loaded.
    """

    tells_latency = False

    def __init__(self, spec: str, options: Mapping[str, Any], settings: RaySettings) -> None:
        self._ray = _import_ray()
        self._spec, self._options = spec, dict(options)
        self._ours = _connect(self._ray, settings)
        _tell_of_workers(self._ray, False)
        self._deaths = 0
        self._workers: list[_Worker] = []
        try:
            count, self._share = _fit(self._ray.cluster_resources(), settings)
            self._most_deaths = RETRIES * count
            self.hardware = {"engine": "ray", "replicas": count, **self._share}
            self._workers = [self._start() for _ in range(count)]
            self._described: Description | None = None
            while self._described is None:
                self._wait([])
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The model's own name."""
        return self._description.name

    @property
    def fingerprint(self) -> str:
        """The model's own: answers are the same wherever they are computed."""
        return self._description.fingerprint

    @property
    def capabilities(self) -> Capabilities:
        """The model's own."""
        return self._description.capabilities

    @property
    def batch_size(self) -> int:
        """The model's own."""
        return self._description.batch_size

    def run(self, requests: Sequence[Request]) -> list[Response]:
        """Answer one batch on one worker."""
        answers: dict[int, Response] = {}
        for group in self.answer([requests]):
            answers.update(group)
        return [answers[index] for index in range(len(requests))]

    def size(self, request: Request) -> int:
        """Estimate the length of a request in tokens."""
        return self.sizes([request])[0]

    def sizes(self, requests: Sequence[Request]) -> list[int]:
        """Let the workers that are ready share the work."""
        while True:
            ready = [worker for worker in self._workers if worker.loading is None]
            step = -(-len(requests) // max(1, len(ready)))
            parts = [(w, requests[i * step : (i + 1) * step]) for i, w in enumerate(ready)]
            refs = [(worker, worker.actor.sizes.remote(part)) for worker, part in parts if part]
            found = [size for worker, ref in refs for size in self._get(worker, ref) or ()]
            if len(found) == len(requests):
                return found
            if not ready:
                self._wait([])

    def answer(self, batches: Batches) -> Generator[Group, None, None]:
        """Yield a group a batch, as workers finish them.

        Raises:
            ModelError: a batch has outlived too many workers, or too many have died.
        """
        starts = [0, *accumulate(len(batch) for batch in batches)]
        waiting = deque(range(len(batches)))
        tries: Counter[int] = Counter()
        try:
            while waiting or self._busy():
                self._hand_out(waiting, batches)
                for number, responses in self._wait(self._workers):
                    if responses is not None:
                        yield list(enumerate(responses, starts[number]))
                    else:
                        _count_death(tries, number, len(batches[number]))
                        waiting.appendleft(number)
        finally:
            for worker in self._workers:  # what is still under way belongs to nobody any more
                worker.batches.clear()

    def peaks(self) -> tuple[int | None, int | None]:
        """Return the most memory that one worker has had in use: of its machine, and of a GPU; in bytes."""
        refs = [worker.actor.usage.remote() for worker in self._workers if worker.loading is None]
        ready, _ = self._ray.wait(refs, num_returns=len(refs), timeout=USAGE) if refs else ([], [])
        try:
            found: list[tuple[int | None, int | None]] = self._ray.get(ready)
        except self._ray.exceptions.RayError:  # a worker has died since; no answer hangs on it
            return None, None
        hosts, devices = ([usage[place] or 0 for usage in found] for place in (0, 1))
        return max(hosts, default=0) or None, max(devices, default=0) or None

    def close(self) -> None:
        """End the workers, and the cluster if it was started for them."""
        for worker in self._workers:
            with suppress(self._ray.exceptions.RayError):
                self._ray.kill(worker.actor)
        self._workers = []
        _tell_of_workers(self._ray, True)
        if self._ours:
            self._ray.shutdown()

    @property
    def _description(self) -> Description:
        assert self._described is not None
        return self._described

    def _start(self) -> _Worker:
        kind = self._ray.remote(Replica).options(**self._share, max_restarts=0)
        actor = kind.remote(str(Path.cwd()), [path for path in sys.path if path])
        return _Worker(actor, actor.load.remote(self._spec, self._options))

    def _hand_out(self, waiting: deque[int], batches: Batches) -> None:
        """Give each worker something to do; those that have least come first."""
        ready = [worker for worker in self._workers if worker.loading is None]
        for depth in range(AHEAD):
            for worker in ready:
                if waiting and len(worker.batches) <= depth:
                    number = waiting.popleft()
                    worker.batches[worker.actor.run.remote(batches[number])] = number

    def _wait(self, busy: Sequence[_Worker]) -> list[tuple[int, list[Response] | None]]:
        """Wait until something has come; return batches with their answers, None for those of a dead worker."""
        refs = {worker.loading: worker for worker in self._workers if worker.loading is not None}
        refs |= {ref: worker for worker in busy for ref in worker.batches}
        ready, _ = self._ray.wait(list(refs), num_returns=1, timeout=None if self._busy() else PATIENCE)
        if not ready:
            raise ModelError(
                f"no worker was ready after {PATIENCE / 60:.0f} minutes: has the cluster room for it?"
            )
        came: list[tuple[int, list[Response] | None]] = []
        for ref in ready:
            worker = refs[ref]
            value = self._get(worker, ref)
            if isinstance(value, Description):
                self._admit(worker, value)
            elif ref in worker.batches:
                came.append((worker.batches.pop(ref), value))
            if worker not in self._workers:  # it has died: what it had finished is there, the rest is not
                came += [(number, self._get(worker, ref)) for ref, number in worker.batches.items()]
        return came

    def _busy(self) -> bool:
        return any(worker.batches for worker in self._workers)

    def _admit(self, worker: _Worker, described: Description) -> None:
        if self._described is None:
            self._described = described
        if described.fingerprint != self._described.fingerprint:
            raise ModelError(
                f"two workers have loaded different models as {self._spec}: are weights, options and versions the "
                "same on all machines?"
            )
        worker.loading = None

    def _get(self, worker: _Worker, ref: Any) -> Any:
        """Return a result; None if the worker has died, whose place another one then takes.

        Raises:
            ModelError: too many workers have died.
            Exception: what the model has raised.
        """
        try:
            return self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause if isinstance(error.cause, Exception) else ModelError(_line(error)) from None
        except self._ray.exceptions.RayError as error:
            if worker in self._workers:
                self._deaths += 1
                if self._deaths > self._most_deaths:
                    raise ModelError(f"{self._deaths} workers have died; the last: {_line(error)}") from None
                self._workers[self._workers.index(worker)] = self._start()
            return None


def _count_death(tries: Counter[int], number: int, size: int) -> None:
    tries[number] += 1
    if tries[number] > RETRIES:
        raise ModelError(
            f"{tries[number]} workers died over the same batch of {size} requests. Is their memory too small? "
            "Try a smaller --batch-size, or more GPUs or CPUs a replica."
        )


def _import_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.exceptions
    except ModuleNotFoundError as error:
        raise UsageError("--engine ray needs Ray. Run: pip install 'mmbench[ray]'.") from error
    return ray


def _connect(ray: Any, settings: RaySettings) -> bool:
    """Connect to a cluster; return whether it was started here."""
    if ray.is_initialized():
        return False
    address = settings.address or os.environ.get("RAY_ADDRESS") or "local"
    own = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="error", **own)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ModelError(f"no Ray cluster at {address}: {_line(error)}") from error
    return True


def _tell_of_workers(ray: Any, told: bool) -> None:
    """Let Ray print what befalls workers, or not: it goes to standard output, where results are expected.

    Ray has no public switch; its debugger sets this one too.
    """
    ray._private.worker._worker_logs_enabled = told


def _fit(total: Mapping[str, float], settings: RaySettings) -> tuple[int, dict[str, float]]:
    """Return how many replicas there are to be, and what each takes.

    Raises:
        UsageError: the cluster is too small for them.
    """
    cpus, gpus = total.get("CPU", 0.0), total.get("GPU", 0.0)
    each = settings.gpus_per_replica
    each = float(gpus >= 1) if each is None else each
    share = {"num_cpus": settings.cpus_per_replica, "num_gpus": each}
    room = [int(have / need + 1e-9) for have, need in ((cpus, share["num_cpus"]), (gpus, each)) if need]
    most = min(room, default=1)
    count = settings.replicas or (most if each else min(1, most))
    if count < 1 or count > most:
        raise UsageError(
            f"{max(count, 1)} replicas of {share['num_cpus']:g} CPUs and {each:g} GPUs do not fit: the cluster "
            f"has {cpus:g} CPUs and {gpus:g} GPUs. Change --replicas, --gpus-per-replica or --cpus-per-replica."
        )
    return count, share


def _line(error: Exception) -> str:
    """Return the first line of an error that says something."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
