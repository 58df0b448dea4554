import subprocess
import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from toys import Addition, Calculator

import mmbench
from mmbench.cli.efficiency import efficiency_lines
from mmbench.engine.efficiency import Meter, Spread, joules
from mmbench.engine.events import Notice
from mmbench.model import Capabilities
from mmbench.schema import Choice, Generate, Image, Response, user
from mmbench.store.records import DatasetRecord, Efficiency, Percentiles, TaskRecord


@pytest.mark.parametrize("scale", [1e-4, 0.05, 30.0])
def test_percentiles_are_good_to_one_per_cent(scale):
    values = np.random.default_rng(0).lognormal(sigma=0.7, size=5000) * scale
    spread = Spread()
    for value in values:
        spread.add(float(value))
    found = spread.percentiles()
    expected = np.quantile(values, [0.5, 0.95, 0.99], method="inverted_cdf")
    assert [found.p50, found.p95, found.p99] == pytest.approx(expected.tolist(), rel=0.0125)


def test_percentiles_of_nothing_and_of_one_value():
    assert Spread().percentiles() is None
    spread = Spread()
    spread.add(0.25)
    assert spread.percentiles() == Percentiles(*[pytest.approx(0.25, rel=0.0125)] * 3)


class Server(Calculator):
    """Streams, and tells latencies and first tokens."""

    def stream(self, requests):
        for index, request in enumerate(requests):
            yield [(index, self.answer(request))]

    def answer(self, request):
        text = super().answer(request).text
        return Response(text, tokens=(2,), input_tokens=5, latency=0.2, first_token=0.05)


def test_a_run_tells_what_the_model_took_and_gave(tmp_path):
    work = mmbench.evaluate(Server(), Addition(), out=tmp_path, limit=20).manifest.tasks[0].efficiency
    assert (work.samples, work.requests, work.cached) == (20, 20, 0)
    assert (work.input_tokens, work.output_tokens) == (100, 40)
    assert (work.asked_input_tokens, work.asked_output_tokens) == (100, 40)
    assert work.latency.p99 == pytest.approx(0.2, rel=0.0125)
    assert work.first_token.p50 == pytest.approx(0.05, rel=0.0125)
    assert work.peak_host_bytes > 10**7
    assert work.peak_device_bytes is work.energy_joules is None
    assert work.seconds >= work.model_seconds > 0
    assert work.harness_seconds == pytest.approx(work.seconds - work.model_seconds)
    assert work.output_tokens_per_second == pytest.approx(40 / work.model_seconds)
    assert work.samples_per_second == pytest.approx(20 / work.seconds)


def test_stored_answers_are_no_speed_of_the_model(tmp_path):
    mmbench.evaluate(Server(), Addition(), out=tmp_path, limit=30)
    work = mmbench.evaluate(Server(), Addition(), out=tmp_path).manifest.tasks[0].efficiency
    assert (work.cached, work.requests, work.cache_hit_rate) == (30, 40, 0.75)
    assert (work.input_tokens, work.asked_input_tokens) == (200, 50)
    again = mmbench.evaluate(Server(), Addition(), out=tmp_path).manifest.tasks[0].efficiency
    assert (again.asked_input_tokens, again.output_tokens_per_second, again.latency) == (0, None, None)
    assert again.model_seconds == 0


def test_a_batch_s_share_is_no_latency(tmp_path):
    run = mmbench.evaluate(Calculator(), Addition(), out=tmp_path)
    assert run.manifest.tasks[0].efficiency.latency is None
    assert (run.samples.responses.map(lambda found: found[0]["latency"]) > 0).all()


def test_results_hold_no_figure_that_differs_between_runs(tmp_path):
    for name in ("a", "b"):
        mmbench.evaluate(Server(), Addition(), out=tmp_path / name)
    first, second = (next((tmp_path / name).glob("*/results.json")).read_bytes() for name in ("a", "b"))
    assert first == second


class FakeCuda:
    """A GPU on which the model has allocated memory."""

    def __init__(self):
        self.reset = []

    def is_initialized(self):
        return True

    def device_count(self):
        return 2

    def reset_peak_memory_stats(self, device):
        self.reset.append(device)

    def max_memory_allocated(self, device):
        return (7, 9)[device] * 2**30


@pytest.fixture
def gpu(monkeypatch):
    """torch with two GPUs and NVML, both imitated: each reading counts 500 J and 250 J more."""
    cuda, nvml, readings = FakeCuda(), ModuleType("pynvml"), [0, 0]

    def total(handle):
        readings[handle] += (500_000, 250_000)[handle]
        return readings[handle]

    nvml.NVMLError = type("NVMLError", (Exception,), {})
    nvml.nvmlInit = nvml.nvmlShutdown = lambda: None
    nvml.nvmlDeviceGetCount = lambda: 2
    nvml.nvmlDeviceGetHandleByIndex = lambda index: index
    nvml.nvmlDeviceGetTotalEnergyConsumption = total
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return SimpleNamespace(cuda=cuda, nvml=nvml)


def test_device_memory_and_energy(gpu):
    meter = Meter(Efficiency())
    assert gpu.cuda.reset == [0, 1]
    meter.finish()
    assert meter.record.peak_device_bytes == 9 * 2**30
    assert meter.record.energy_joules == 750.0


def test_only_visible_gpus_count(gpu, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert joules() == 250.0


def test_a_card_that_does_not_count_energy_is_no_error(gpu):
    def refuse(handle):
        raise gpu.nvml.NVMLError("not supported")

    gpu.nvml.nvmlDeviceGetTotalEnergyConsumption = refuse
    meter = Meter(Efficiency())
    meter.finish()
    assert meter.record.energy_joules is None
    assert meter.record.peak_device_bytes == 9 * 2**30


def test_peak_memory_grows_with_what_is_held():
    program = (
        "import numpy as np\n"
        "from mmbench.engine.efficiency import peak_host_bytes\n"
        "before = peak_host_bytes()\n"
        "held = np.ones(2**24)\n"
        "print(peak_host_bytes() - before, held.nbytes)"
    )  # in a process of its own: this one may have held more before
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    grown, held = map(int, told.stdout.split())
    assert held // 2 <= grown <= 2 * held


def test_lines_tell_what_is_known():
    work = Efficiency(10.0, 8.0, 1000, 1200, 300, 9000, 4500, 7200, 3600, Percentiles(0.05, 0.1, 0.2))
    work.peak_host_bytes, work.peak_device_bytes, work.energy_joules = 2**29, 3 * 2**30, 7200.0
    work.cost_dollars = 0.0125
    first, second = efficiency_lines(TaskRecord("qa", "1", DatasetRecord("x", ""), {}, [], efficiency=work))
    assert first == "qa:x  1,000 samples in 10 s (100/s): model 8 s, harness 2 s"
    assert second.split(";  ") == [
        "  tokens/s: 900 in, 450 out",
        "300 of 1,200 requests from the store (25%)",
        "latency p50/p95/p99 50 / 100 / 200 ms",
        "peak memory 512 MiB, device 3.00 GiB",
        "energy 2 Wh",
        "cost $0.0125",
    ]


@dataclass(frozen=True)
class Guess(Addition):
    """Prefers to have options scored."""

    name: ClassVar[str] = "guess"

    def requests(self, sample, capabilities):
        if Choice in capabilities.kinds:
            return [Choice(sample.messages, ("1", "2"))]
        return super().requests(sample, capabilities)


def test_a_model_that_cannot_score_options_is_told_of_once(tmp_path):
    notices = []
    for task in (Guess(), Addition()):
        mmbench.evaluate(
            Calculator(),
            task,
            out=tmp_path,
            on_event=lambda event: notices.append(event) if isinstance(event, Notice) else None,
        )
    assert [notice.text for notice in notices] == [
        "guess:sums: the model tells no log-probabilities of given answers; it writes its choice."
    ]


def test_a_model_that_needs_a_picture_is_refused_before_the_first_request(tmp_path):
    class Viewer(Calculator):
        capabilities = Capabilities(
            frozenset({"text", "image"}), frozenset({Generate}), required=frozenset({"image"})
        )

    model = Viewer()
    run = mmbench.evaluate(model, Addition(), out=tmp_path)
    task = run.manifest.tasks[0]
    assert (task.status, task.reason) == (
        "skipped",
        "model calculator needs image input, which this task has not.",
    )
    assert model.asked == []

    @dataclass(frozen=True)
    class Seen(Addition):
        def sample(self, row):
            sample = super().sample(row)
            turn = user(Image(b"picture"), sample.messages[0].text)
            return type(sample)(sample.id, (turn,), sample.target, sample.answer)

    assert mmbench.evaluate(Viewer(), Seen(), out=tmp_path).manifest.status == "done"
