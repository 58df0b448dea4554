"""`mmbench view` over HTTP and in a real browser."""

import http.client
import json
import re
import subprocess
import sys
import urllib.parse

import msgspec
import pytest

from mmbench.store.live import Live, LiveFile, LiveTask
from mmbench.store.run_folder import MANIFEST

AT_THE_END = ("results.json", "samples.parquet")
HOSTILE = "<script>alert(1)</script></div><img src=x onerror=alert(1)>\u202e"


class Served:
    """A running `mmbench view`."""

    def __init__(self, *runs) -> None:
        command = [sys.executable, "-m", "mmbench", "view", *(str(run.path) for run in runs)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", line)
        assert found, line
        self.url, self.port, self.token = found.group(0), int(found.group(1)), found.group(2)

    def get(self, path: str, *, token: bool = True, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookie = {"Cookie": f"mmbench-view={self.token}"} if token else {}
        connection.request("GET", path, headers={**cookie, **headers})
        return connection.getresponse()

    def samples(self, **query: str) -> dict:
        answer = json.load(self.get(f"/samples?{urllib.parse.urlencode(query)}"))
        return answer if answer["done"] else self.samples(**query)


@pytest.fixture(scope="module")
def served(gallery):
    running = Served(*gallery)
    yield running
    running.process.terminate()
    running.process.wait(timeout=30)


def test_nobody_gets_in_without_the_token(served):
    for path in ("/", "/samples", "/live", "/assets/view.js", "/?token=wrong"):
        assert served.get(path, token=False).status == 403, path
    first = served.get(f"/?token={served.token}", token=False)
    assert first.status == 303
    cookie = first.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert served.get("/").status == 200


def test_another_host_name_is_refused(served):
    assert served.get("/", Host="evil.example").status == 400


def test_every_answer_forbids_foreign_content(served):
    for path in ("/", "/samples", "/assets/view.js", "/nothing"):
        policy = served.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_samples_are_filtered_and_paged(served):
    everything = served.samples()
    assert (everything["total"], everything["page"]) == (14, 0)
    assert everything["html"].count('class="slot"') == 14
    wrong = served.samples(outcome="wrong", model="0")
    assert 0 < wrong["total"] < 14
    assert served.samples(words="table 7")["total"] == 1
    assert served.samples(task="1")["total"] == 3
    assert served.samples(outcome="disagree", order="gap")["total"] > 0


def test_odd_addresses_do_no_harm(served):
    assert served.samples(task="99", page="x", model="-1", order="up", slice="a=b=c")["total"] == 0
    assert served.get("/assets/..%2Fview.py").status == 404
    assert served.get("/assets/report.html.j2").status == 404


def test_a_task_that_was_skipped_has_no_samples(served):
    assert served.samples(task="3")["total"] == 0


def test_a_hostile_answer_stays_text(make_run, told, row):
    task = told("vqa", "toy", [row(HOSTILE, HOSTILE, prompt=HOSTILE, target=HOSTILE)], {"accuracy": 1.0})
    running = Served(make_run(HOSTILE, task))
    try:
        for text in (running.samples()["html"], running.get("/").read().decode()):
            assert "<script>alert" not in text
            assert "<img src=x" not in text
    finally:
        running.process.terminate()


def _going_on(make_run, told):
    """Return a run folder as it is while the run goes on."""
    run = make_run("alpha", told("vqa", "toy", values={"accuracy": 0.5}, scored=True), status="running")
    for name in AT_THE_END:
        (run.path / name).rename(run.path / f".{name}")
    task = LiveTask("vqa:toy", 200, 50, 7, "running", "accuracy", 0.5, 0.36, 0.64, (0.0, 1.0))
    LiveFile(run.path).tell([task], now=True)
    return run


def _finish(run) -> None:
    for name in AT_THE_END:
        (run.path / f".{name}").rename(run.path / name)
    manifest = msgspec.json.decode((run.path / MANIFEST).read_bytes())
    (run.path / MANIFEST).write_bytes(msgspec.json.encode(manifest | {"status": "done"}))


def test_a_run_that_goes_on_is_told_with_its_interval(make_run, told):
    run = _going_on(make_run, told)
    running = Served(run)
    try:
        answer = json.load(running.get("/live"))
        text = " ".join(re.sub(r"<[^>]*>", " ", answer["html"]).split())
        assert answer["live"]
        assert "50 of 200 7 from store accuracy 50.0% 36.0–64.0" in text
        assert running.samples()["total"] == 0
        _finish(run)
        assert not json.load(running.get("/live"))["live"]
    finally:
        running.process.terminate()


def test_a_port_in_use_is_one_line(gallery, served):
    command = [sys.executable, "-m", "mmbench", "view", str(gallery[0].path), "--port", str(served.port)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert f"port {served.port} cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_live_json_is_written_at_most_once_a_second_and_removed(tmp_path):
    live = LiveFile(tmp_path)
    task = LiveTask("vqa")
    live.tell([task])
    live.tell([replace_task(task, samples=5)])
    assert msgspec.json.decode((tmp_path / "live.json").read_bytes(), type=Live).tasks == [task]
    live.tell([replace_task(task, samples=5)], now=True)
    assert msgspec.json.decode((tmp_path / "live.json").read_bytes(), type=Live).tasks[0].samples == 5
    live.remove()
    assert not (tmp_path / "live.json").exists()


def replace_task(task: LiveTask, **changes) -> LiveTask:
    return msgspec.structs.replace(task, **changes)


@pytest.fixture
def page(browser, served):
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(180_000)  # the machine may be busy with something else
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(served.url)
    page.wait_for_selector(".card.shown")
    yield page
    context.close()
    assert complaints == []


def _settled(page, hits: str) -> None:
    page.locator("#hits", has_text=re.compile(f"^{hits}$")).wait_for(timeout=10_000)


@pytest.mark.browser
def test_a_reader_filters_searches_and_follows_a_link(page):
    _settled(page, "14 samples")
    page.select_option("#outcome", "disagree")
    page.select_option("#order", "gap")
    page.locator("#hits", has_not_text="14").wait_for()
    page.get_by_role("button", name="Clear all filters").click()
    _settled(page, "14 samples")
    page.fill("#words", "table 11")
    _settled(page, "1 samples")
    link = page.locator(".card a.link").get_attribute("href")
    page.fill("#words", "")
    _settled(page, "14 samples")
    page.goto(page.url.partition("?")[0] + link)
    page.wait_for_selector(".card:focus")
    assert page.locator(".card:focus h4").inner_text() == "vqa-11"


@pytest.mark.browser
def test_keys_step_through_samples(page):
    page.keyboard.press("j")
    first = page.locator(".card:focus h4").inner_text()
    page.keyboard.press("j")
    assert page.locator(".card:focus h4").inner_text() != first
    page.keyboard.press("k")
    assert page.locator(".card:focus h4").inner_text() == first
    page.keyboard.press("/")
    assert page.locator("#words:focus").count() == 1


@pytest.mark.browser
def test_pictures_are_seen_and_pages_fit_a_phone(page):
    assert page.locator(".card.shown img").first.evaluate("image => image.naturalWidth") > 0
    page.set_viewport_size({"width": 380, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 380


@pytest.mark.browser
def test_a_run_that_ends_reloads_the_page(browser, make_run, told):
    run = _going_on(make_run, told)
    running = Served(run)
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(running.url)
        page.locator("#live", has_text="is running").wait_for()
        _finish(run)
        page.locator("#hits", has_text="100 samples").wait_for(timeout=10_000)
        assert page.locator(".card.shown").count() == 20
    finally:
        context.close()
        running.process.terminate()
