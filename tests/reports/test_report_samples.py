"""Which samples are shown, and what is shown of them."""

import base64
import io

import PIL.Image
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from mmbench.errors import StoreError
from mmbench.schema import Prediction
from mmbench.store.run_folder import SAMPLE_ROWS, Answered
from mmbench_reports.blocks import blocks_of
from mmbench_reports.cards import FEW, asked_of, cards_of
from mmbench_reports.columns import columns_of
from mmbench_reports.media import SIDE, Absent, Picture, Shelf, Sound, embedded
from mmbench_reports.page import page_of
from mmbench_reports.picking import pick
from mmbench_reports.rows import Samples
from mmbench_reports.scores import Scorer, scorer_of
from mmbench_reports.texts import folded
from mmbench_tasks.translation import Translation


def _cards(columns, block, count, shelf):
    return list(cards_of(asked_of(columns, block, count), shelf))


def _pick(runs, count):
    columns = columns_of(runs)
    block = blocks_of(columns)[0]
    samples = [Samples(column.run, block.place) for column in columns]
    return pick(samples, [scorer_of(block, column.index) for column in columns], count)


def test_faults_come_first_and_every_slice_has_its_turn(make_run, told, row):
    rows = [row(f"r{i}", score=1.0, slices={"type": "ab"[i % 2]}) for i in range(50)]
    rows += [row(f"w{i}", score=0.0, slices={"type": "ab"[i >= 19]}) for i in range(20)]
    rows += [row("e", error="broken", slices={"type": "a"})]
    ids = _pick([make_run("a", told("x", rows=rows, values={"accuracy": 0.7}))], 9)
    assert ids[0] == "e"
    assert [name[0] for name in ids] == ["e", *"wwww", *"rrrr"]
    assert "w19" in ids, "the one wrong sample of slice b"


def test_disagreements_come_before_all_else(make_run, told, row):
    first = [row(f"{i}", score=0.0) for i in range(10)]
    second = [row(f"{i}", score=float(i == 7)) for i in range(10)]
    runs = [
        make_run(name, told("x", rows=rows, values={"accuracy": 0.1}))
        for name, rows in (("a", first), ("b", second))
    ]
    assert _pick(runs, 4)[0] == "7"


def test_a_run_without_the_task_does_not_hinder_the_others(make_run, told, row):
    runs = [make_run("a", told("y")), make_run("b", told("x", rows=[row("1")], values={"accuracy": 1.0}))]
    columns = columns_of(runs)
    block = blocks_of(columns)[1]
    (card,) = _cards(columns, block, 5, Shelf(10**6))
    assert [answer.column.label for answer in card.answers] == ["b"]


def test_samples_of_the_right_task_are_read_from_any_row_group(make_run, told, row):
    tasks = [
        told(name, rows=[row(f"{name}{i}", name) for i in range(3)], values={"accuracy": 1.0}) for name in "xyz"
    ]
    run = make_run("a", *tasks)
    for name in "xyz":
        rows = Samples(run, (name, "toy")).rows([f"{name}2", "x0", "nobody"])
        assert set(rows) == {f"{name}2", "x0"} if name == "x" else {f"{name}2"}
        assert rows[f"{name}2"].prediction == name


def test_tasks_that_share_a_row_group_are_told_apart(make_run, told, row, tmp_path):
    run = make_run("a", *(told(name, rows=[row(f"{name}0")], values={"accuracy": 1.0}) for name in "xy"))
    table = pq.read_table(run.path / SAMPLE_ROWS).unify_dictionaries().combine_chunks()
    pq.write_table(table, run.path / SAMPLE_ROWS)
    assert [found.id for found in Samples(run, ("y", "toy")).candidates()] == ["y0"]


def test_a_damaged_sample_file_is_named(make_run, told, row):
    run = make_run("a", told("x", rows=[row("1")]))
    (run.path / SAMPLE_ROWS).write_bytes(b"PAR1 nonsense")
    with pytest.raises(StoreError, match=SAMPLE_ROWS):
        Samples(run, ("x", "toy"))


def test_scores_of_single_samples_come_from_the_metric_itself(make_run, told, row):
    metric = Translation().metrics[0]
    result = told(
        "translation", "phrases", values={metric.name: 50.0}, bounds={metric.name: (0.0, 100.0)}
    ).results()[0]
    scorer = Scorer(("translation", "phrases"), [replace(result, signature=metric.signature)])
    sample = row("1", target="the cat sat on the mat today").sample
    statistics = metric.statistics(Prediction("the cat sat on the mat today"), sample).tolist()
    assert [score.text for score in scorer.scores({metric.name: statistics})] == ["100.0"]
    assert scorer.verdict({metric.name: statistics}, None) == "right"
    other = Scorer(("translation", "phrases"), [replace(result, signature="bleu|something:else")])
    assert other.scores({metric.name: statistics}) == []


def test_error_rates_are_right_when_low(make_run, told, row):
    run = make_run(
        "a", told("x", rows=[row("1", score=0.0, metric="wrong")], values={"wrong": 0.1}, better={"wrong": False})
    )
    columns = columns_of([run])
    (card,) = _cards(columns, blocks_of(columns)[0], 1, Shelf(0))
    assert card.answers[0].verdict == "right"


def test_pictures_are_scaled_down_and_stripped(picture):
    made = embedded(picture.read())
    assert isinstance(made, Picture)
    assert max(made.width, made.height) == SIDE
    kind, _, data = made.uri.partition(",")
    assert kind == "data:image/webp;base64"
    encoded = base64.b64decode(data)
    assert b"private words" not in encoded
    assert PIL.Image.open(io.BytesIO(encoded)).size == (made.width, made.height)


def test_small_pictures_keep_their_size():
    data = io.BytesIO()
    PIL.Image.new("RGBA", (40, 20), (9, 9, 9, 0)).save(data, "PNG")
    made = embedded(data.getvalue())
    assert isinstance(made, Picture)
    assert (made.width, made.height) == (40, 20)
    assert PIL.Image.open(io.BytesIO(base64.b64decode(made.uri.partition(",")[2]))).mode == "RGBA"


def test_sounds_become_mp3(sound):
    made = embedded(sound.read())
    assert isinstance(made, Sound)
    assert made.uri.startswith("data:audio/mpeg;base64,")
    assert made.seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"RIFFxxxxWAVE", b"\x89PNG\r\n\x1a\n cut", b"<svg onload=alert(1)>"]
)
def test_media_that_cannot_be_decoded_are_absent(data):
    assert embedded(data) == Absent("cannot be decoded")


def test_a_full_shelf_takes_no_more(make_run, told, row, picture):
    run = make_run("a", told("x", rows=[row("1", media=[picture])]))
    assert isinstance(Shelf(10**6).take(run, picture.digest), Picture)
    assert Shelf(100).take(run, picture.digest) == Absent("left out to keep this page small")
    assert Shelf(10**6).take(run, "0" * 64) == Absent("not kept in the run folder")


def test_samples_without_media_files_say_so(make_run, told, row, picture):
    run = make_run("a", told("x", rows=[row("1", media=[picture])], values={"accuracy": 1.0}))
    (run.path / "media" / picture.digest).unlink()
    columns = columns_of([run])
    (card,) = _cards(columns, blocks_of(columns)[0], 1, Shelf(10**6))
    assert card.media == [Absent("not kept in the run folder")]


def test_answers_that_were_read_out_of_more_words_show_both(make_run, told, row):
    run = make_run("a", told("x", rows=[row("1", "B", raw="I think it is (B).")], values={"accuracy": 1.0}))
    columns = columns_of([run])
    (card,) = _cards(columns, blocks_of(columns)[0], 1, Shelf(0))
    assert card.answers[0].text == folded("B")
    assert card.answers[0].raw == [folded("I think it is (B).")]


def test_rows_may_lack_everything_optional(make_run, told, row):
    bare: Answered = row("1", "", 0.0, prompt="", target=[])
    columns = columns_of([make_run("a", told("x", rows=[bare], values={"accuracy": 0.0}))])
    (card,) = _cards(columns, blocks_of(columns)[0], 1, Shelf(0))
    assert card.targets == []
    assert card.answers[0].text == folded("")


def test_a_full_page_keeps_a_few_samples_of_every_task(make_run, told, row):
    rows = [row(f"{i}", "long " * 3000) for i in range(30)]
    columns = columns_of([make_run("a", told("x", rows=rows, values={"accuracy": 1.0}))])
    (block,) = blocks_of(columns)
    assert len(_cards(columns, block, 30, Shelf(10**7))) == 30
    assert len(_cards(columns, block, 30, Shelf(10))) == FEW


def test_room_that_a_task_leaves_goes_to_the_next(make_run, told, row, picture, monkeypatch):
    tasks = [
        told(name, rows=[row(f"{name}{i}", media=[picture] * media) for i in range(20)], values={"accuracy": 1.0})
        for name, media in (("texts", 0), ("pictures", 1))
    ]
    run = make_run("a", *tasks)
    monkeypatch.setattr("mmbench_reports.page.BUDGET", 200_000)
    counts = {block.task: len(cards) for block, cards in page_of([run]).samples}
    assert counts == {"texts": 20, "pictures": 20}
    monkeypatch.setattr("mmbench_reports.page.BUDGET", 60_000)
    counts = {block.task: len(cards) for block, cards in page_of([run]).samples}
    assert FEW <= counts["pictures"] < 20


def test_a_card_knows_how_far_the_models_lie_apart(make_run, told, row):
    runs = [
        make_run(name, told("x", rows=[row("1", score=score)], values={"accuracy": score}))
        for name, score in (("a", 0.25), ("b", 1.0))
    ]
    columns = columns_of(runs)
    (card,) = _cards(columns, blocks_of(columns)[0], 1, Shelf(0))
    assert card.gap == 0.75
    assert card.verdicts == ["0:partly", "1:right"]


def test_the_key_of_a_sample_does_not_depend_on_the_run(make_run, told, row):
    keys = set()
    for name in "ab":
        columns = columns_of([make_run(name, told("x", rows=[row("1", name)], values={"accuracy": 1.0}))])
        keys |= {card.key for card in _cards(columns, blocks_of(columns)[0], 1, Shelf(0))}
    assert len(keys) == 1
