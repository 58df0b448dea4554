"""Caps on requests, tokens and dollars: kept under any concurrency, and what is left over is an error row."""

import pytest
from fault_server import Reply, chat, refusal
from openai_helpers import ask, many
from toys import Addition

import mmbench
from mmbench.backends.openai import Options
from mmbench.backends.openai.budget import Prices, Usage, prices_of
from mmbench.cli import app
from mmbench.errors import UsageError

BIG = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}


def split(answers):
    good = [answer for answer in answers if answer.error is None]
    return good, [answer for answer in answers if answer.error is not None]


@pytest.mark.parametrize("concurrency", [1, 16])
def test_requests(serve, connect, concurrency):
    server = serve(lambda call: Reply(body=chat("x"), delay=0.002))
    good, bad = split(connect(server, concurrency=concurrency, max_requests=10).run(many(25)))
    assert (len(good), len(bad), len(server.asked)) == (10, 15, 10)
    assert all("not asked: max_requests=10 is used up. Raise it" in answer.error for answer in bad)


def test_repeats_count_as_requests(serve, connect):
    server = serve(lambda call: Reply(500, refusal("x")) if call.number % 2 == 0 else Reply(body=chat("x")))
    good, bad = split(connect(server, concurrency=1, max_requests=10).run(many(25)))
    assert len(server.asked) == 10
    assert (len(good), len(bad)) == (5, 20)


@pytest.mark.parametrize("concurrency", [1, 16])
def test_tokens(serve, connect, concurrency):
    server = serve(lambda call: Reply(body=chat("x", usage=BIG), delay=0.002))
    model = connect(server, concurrency=concurrency, max_tokens=10_500)
    good, bad = split(model.run([ask("w" * 3000, max_tokens=100), *many(30)]))
    # no more requests fit beside one another than their guesses allow; each then takes 1000
    assert 1000 * len(good) <= 10_500 + 1000 * concurrency
    assert bad
    assert all("max_tokens=10500 is used up" in answer.error for answer in bad)


def test_guesses_give_way_to_what_was_used(serve, connect):
    """A guess of 1000 tokens each would end after ten; ten tokens each are used."""
    server = serve(lambda call: Reply(body=chat("x"), delay=0.001))
    requests = [ask(f"{number}", max_tokens=1000) for number in range(50)]
    good, bad = split(connect(server, concurrency=16, max_tokens=10_000).run(requests))
    assert (len(good), len(bad)) == (50, 0)


def test_cost(serve, connect):
    server = serve(lambda call: Reply(body=chat("x", usage=BIG)))
    model = connect(server, concurrency=1, max_cost=0.01, price_in=1.0, price_out=2.0)
    good, bad = split(model.run(many(30)))
    assert len(good) == 9  # 9 * (900 * 1 + 100 * 2) / 1e6 = 0.0099 dollars
    assert all("max_cost=0.01 is used up" in answer.error for answer in bad)


def test_a_request_that_failed_costs_nothing_unless_the_server_may_have_counted_it(serve, connect):
    free = serve(lambda call: Reply(500, refusal("x")) if call.number < 5 else Reply(body=chat("x", usage=BIG)))
    good, _ = split(connect(free, concurrency=1, max_tokens=5000, retries=9).run([ask("q", max_tokens=900)]))
    assert len(good) == 1
    lost = serve(lambda call: Reply(body=b"{") if call.number < 5 else Reply(body=chat("x", usage=BIG)))
    good, bad = split(connect(lost, concurrency=1, max_tokens=2500, retries=9).run([ask("q", max_tokens=900)]))
    assert (len(good), len(lost.asked)) == (0, 2)
    assert "max_tokens" in bad[0].error


def test_a_run_that_reached_its_cap_goes_on_where_it_stopped(serve, tmp_path):
    """Nothing lost, nothing asked twice: the second run asks the rest."""

    def script(call):
        a, b = call.prompt.rstrip("=").split("+")
        return Reply(body=chat(str(int(a) + int(b))))

    server = serve(script)
    spec = f"openai:m@{server.url}"
    options = {"scoring": "off", "concurrency": 4}
    first = mmbench.evaluate(spec, Addition(), out=tmp_path, model_options=options | {"max_requests": 15})
    assert first.manifest.status == "partial"
    assert (first.entries[0].n, first.entries[0].errors) == (15, 25)
    assert "max_requests=15" in first.manifest.tasks[0].first_error
    second = mmbench.evaluate(spec, Addition(), out=tmp_path, model_options=options)
    assert (second.manifest.status, second.entries[0].n, second.entries[0].value) == ("done", 40, 1.0)
    prompts = [call.prompt for call in server.asked]
    assert len(prompts) == len(set(prompts)) == 40


def test_a_run_tells_what_it_cost(serve, tmp_path):
    """40 requests of 7 tokens in and 3 out."""
    server = serve(lambda call: Reply(body=chat("5")))
    spec, options = f"openai:m@{server.url}", {"scoring": "off", "price_in": 10.0, "price_out": 100.0}
    run = mmbench.evaluate(spec, Addition(), out=tmp_path, model_options=options)
    assert run.manifest.tasks[0].efficiency.cost_dollars == pytest.approx(40 * (7 * 10 + 3 * 100) / 1e6)
    again = mmbench.evaluate(spec, Addition(), out=tmp_path, model_options=options)
    assert again.manifest.tasks[0].efficiency.cost_dollars == 0.0
    free = mmbench.evaluate(spec, Addition(), out=tmp_path, model_options={"scoring": "off"})
    assert free.manifest.tasks[0].efficiency.cost_dollars is None


def test_flags_of_the_command_line_are_caps(serve, tmp_path, capsys):
    server = serve(lambda call: Reply(body=chat("Paris")))
    rows = tmp_path / "rows.jsonl"
    row = '{"id": "%d", "context": "c", "question": "q %d", "answers": ["Paris"]}'
    rows.write_text("\n".join(row % (number, number) for number in range(12)))
    (tmp_path / "prices.yaml").write_text("m: {in: 1.0, out: 2.0}\n")
    common = ["run", "-m", f"openai:m@{server.url}", "-t", f"qa:{rows}", "--out", str(tmp_path / "runs")]
    common += ["--no-report", "--model-set", "scoring=off", "--model-set", "concurrency=1"]

    def command(*flags):
        code, told = app([*common, *flags], standalone_mode=False), capsys.readouterr()
        return code, " ".join(told.err.split()), " ".join(told.out.split())

    code, err, out = command("--max-requests", "5")
    assert code == 3
    assert "7 samples without an answer" in err
    assert "max_requests=5 is used up. Raise it and run the same command again" in err
    code, err, out = command("--max-cost", "0.00003", "--prices", str(tmp_path / "prices.yaml"))
    assert code == 3
    assert "max_cost=3e-05 is used up" in err
    asked = len(server.asked)
    assert 5 <= asked < 12
    code, err, out = command("--max-tokens", "100000")
    assert (code, len(server.asked)) == (0, 12)
    assert f"{asked} of 12 requests from the store" in out


def test_prices_from_a_table(tmp_path):
    path = tmp_path / "prices.yaml"
    path.write_text("org/small: {in: 0.15, out: 0.6}\n")
    prices = prices_of(Options(prices=str(path), max_cost=1.0), "org/small")
    assert prices == Prices(0.15, 0.6)
    assert prices.cost(Usage(1_000_000, 500_000)) == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: {in: 1, out: 1}", "no entry 'm'"),
        ("m: 5", "should be {in: dollars"),
        ("- m", "no entry"),
        ("{", "read"),
    ],
)
def test_a_bad_table_is_named(tmp_path, text, reason):
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=reason):
        prices_of(Options(prices=str(path)), "m")


def test_a_cap_on_cost_needs_prices():
    with pytest.raises(UsageError, match="max_cost needs prices"):
        prices_of(Options(max_cost=1.0), "m")
