"""A server that misbehaves in every way: nothing is lost, nothing is taken for an answer that is none, and nothing
is asked again after it was answered."""

import itertools
import json
import random
from collections import Counter

import pytest
from fault_server import Call, Reply, chat, refusal
from openai_helpers import ask, many

OK = Reply(body=chat("fine"))


def reply_to(call: Call) -> Reply:
    return Reply(body=chat(f"re: {call.prompt}"))


def once(fault: Reply):
    """Do it to every prompt the first time, then answer."""
    seen: set[str] = set()

    def script(call: Call) -> Reply:
        if call.prompt in seen:
            return reply_to(call)
        seen.add(call.prompt)
        return fault

    return script


WHOLE = json.dumps(chat("cut off")).encode()
PASSING = {
    "rate limit": Reply(429, refusal("slow down")),
    "rate limit with Retry-After": Reply(429, refusal("slow down"), {"Retry-After": "0.01"}),
    "rate limit with Retry-After-Ms": Reply(429, refusal("slow down"), {"Retry-After-Ms": "5"}),
    "server error": Reply(500, refusal("oops")),
    "server error as a web page": Reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
    "overloaded": Reply(503, refusal("loading")),
    "hang": Reply(hang=True),
    "connection cut before the answer": Reply(body=WHOLE, cut=0),
    "connection cut in the answer": Reply(body=WHOLE, cut=40),
    "truncated JSON": Reply(body=WHOLE[:60]),
    "no JSON": Reply(body=b"hello", headers={"Content-Type": "text/plain"}),
    "empty body": Reply(body=b""),
    "null": Reply(body=None),
    "no choices": Reply(body=chat("x", choices=[])),
    "choices missing": Reply(body={"id": "1"}),
    "two choices": Reply(body=chat("x", choices=chat("a")["choices"] + chat("b")["choices"])),
    "text is a number": Reply(body=chat(5)),
    "no text": Reply(body=chat(None)),
    "no finish reason": Reply(body=chat("x", None)),
    "unknown finish reason": Reply(body=chat("x", "abort")),
    "error under status 200": Reply(body=refusal("upstream failed", code=502)),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_costs_a_second_question_and_nothing_else(serve, connect, fault):
    server = serve(once(fault))
    model = connect(server, timeout=2.0 if fault.hang else 60.0)
    answers = model.run(many(6))
    assert [answer.text for answer in answers] == [f"re: q{number}" for number in range(6)]
    assert {answer.error for answer in answers} == {None}
    assert Counter(call.prompt for call in server.asked) == Counter({f"q{number}": 2 for number in range(6)})


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_stays_is_an_error_and_never_an_answer(serve, connect, fault):
    server = serve(lambda call: fault)
    model = connect(server, timeout=0.05 if fault.hang else 60.0, retries=2)
    (answer,) = model.run([ask("q")])
    assert answer.text == ""
    assert answer.logprobs == ()
    assert answer.finish_reason == "error"
    assert "asked 3 times" in answer.error
    assert "\n" not in answer.error
    assert len(server.asked) == 3


FINAL = {
    "bad request": (Reply(400, refusal("too long: 9000 tokens")), "HTTP 400: too long: 9000 tokens"),
    "forbidden": (Reply(403, refusal("no access")), "HTTP 403: no access"),
    "unprocessable": (Reply(422, {"detail": "unexpected field"}), "unexpected field"),
    "no such model": (Reply(404, refusal("the model is gone")), "the model is gone"),
    "no money left": (Reply(429, refusal("quota", code="insufficient_quota")), "quota"),
    "told not to come back": (Reply(503, refusal("maintenance"), {"x-should-retry": "false"}), "maintenance"),
    "content filter": (Reply(body=chat("part of", "content_filter")), "content filter"),
    "a tool call": (Reply(body=chat(None, "tool_calls")), "called a tool"),
    "told to wait too long": (Reply(429, refusal("later"), {"Retry-After": "3600"}), "told to wait 3600 s"),
}


@pytest.mark.parametrize(("fault", "reason"), FINAL.values(), ids=FINAL)
def test_a_fault_that_will_not_pass_is_not_asked_twice(serve, connect, fault, reason):
    server = serve(lambda call: fault)
    (answer,) = connect(server).run([ask("q")])
    assert reason in answer.error
    assert answer.text == ""
    assert len(server.asked) == 1


def test_an_answer_that_was_cut_by_the_length_is_an_answer(serve, connect):
    server = serve(lambda call: Reply(body=chat("a long", "length")))
    (answer,) = connect(server).run([ask("q")])
    assert (answer.text, answer.finish_reason, answer.error) == ("a long", "length", None)


def test_a_reasoning_model_that_used_up_its_tokens_answered_nothing(serve, connect):
    server = serve(lambda call: Reply(body=chat(None, "length")))
    (answer,) = connect(server).run([ask("q")])
    assert (answer.text, answer.finish_reason, answer.error) == ("", "length", None)


def test_a_refusal_is_the_model_s_answer(serve, connect):
    body = chat(None)
    body["choices"][0]["message"]["refusal"] = "I will not."
    (answer,) = connect(serve(lambda call: Reply(body=body))).run([ask("q")])
    assert (answer.text, answer.error) == ("I will not.", None)


def test_answers_that_come_in_the_wrong_order_go_to_their_questions(serve, connect):
    server = serve(lambda call: Reply(body=chat(f"re: {call.prompt}"), backwards=40))
    model = connect(server, concurrency=40)
    answers = model.run(many(40))
    assert [answer.text for answer in answers] == [f"re: q{number}" for number in range(40)]
    assert [call.number for call in server.answered] == list(reversed(range(40)))


def test_streamed_answers_carry_the_index_of_their_question(serve, connect):
    server = serve(lambda call: Reply(body=chat(f"re: {call.prompt}"), backwards=20))
    model = connect(server, concurrency=20)
    arrived = [pair for group in model.stream(many(20)) for pair in group]
    assert sorted(index for index, _ in arrived) == list(range(20))
    assert all(answer.text == f"re: q{index}" for index, answer in arrived)


def test_retry_after_is_waited_for(serve, connect, monkeypatch):
    waited = []
    from mmbench.backends.openai import client

    honest = client.pause

    def noted(attempt, wanted, rng):
        waited.append(wanted)
        return min(0.01, honest(attempt, wanted, rng))

    monkeypatch.setattr(client, "pause", noted)
    fault = Reply(429, refusal("slow down"), {"Retry-After": "7"})
    answers = connect(serve(once(fault))).run(many(3))
    assert [answer.text for answer in answers] == ["re: q0", "re: q1", "re: q2"]
    assert waited == [7.0, 7.0, 7.0]


def test_a_storm_of_every_fault_loses_and_repeats_nothing(serve, connect):
    """Each prompt meets faults in an order of its own; an answered prompt is never asked again."""
    rng = random.Random(5)
    quick = [fault for fault in PASSING.values() if not fault.hang]
    kinds = [*quick, *[None] * (2 * len(quick))]
    plans = {f"q{number}": [rng.choice(kinds) for _ in range(6)] + [None] for number in range(300)}
    turns = {prompt: itertools.count() for prompt in plans}

    def script(call: Call) -> Reply:
        fault = plans[call.prompt][next(turns[call.prompt])]
        return fault or reply_to(call)

    server = serve(script)
    model = connect(server, concurrency=48, retries=6)
    answers = model.run(many(300))
    assert [answer.text for answer in answers] == [f"re: q{number}" for number in range(300)]
    expected = Counter({prompt: 1 + plan.index(None) for prompt, plan in plans.items()})
    assert Counter(call.prompt for call in server.asked) == expected


def test_a_dead_server_is_not_asked_for_ever(serve, connect):
    server = serve(lambda call: Reply(500, refusal("dead")))
    model = connect(server, concurrency=4, retries=1)
    answers = model.run(many(400))
    assert all(answer.error for answer in answers)
    assert (
        sum("not asked: the server failed at the 32 requests before" in answer.error for answer in answers) > 300
    )
    assert len(server.asked) < 100


def test_a_server_that_only_hangs_is_given_up_after_some_time(serve, connect, monkeypatch):
    monkeypatch.setattr("mmbench.backends.openai.client.SILENCE", -10.0)
    server = serve(lambda call: Reply(hang=True))
    model = connect(server, concurrency=4, timeout=0.05)
    answers = model.run(many(50))
    assert all(answer.error.startswith("not asked: the server has only failed for") for answer in answers)
    assert len(server.asked) == 4
    server.script = reply_to
    assert all(answer.error is None for answer in model.run(many(5)))


def test_a_server_that_comes_back_is_used_again(serve, connect):
    calls = itertools.count()
    server = serve(lambda call: Reply(503, refusal("restart")) if next(calls) < 20 else reply_to(call))
    answers = connect(server, concurrency=8).run(many(50))
    assert all(answer.error is None for answer in answers)


def test_closing_a_stream_drops_what_is_under_way(serve, connect):
    server = serve(lambda call: Reply(hang=True) if call.number else OK)
    model = connect(server, concurrency=4)
    groups = model.stream(many(10))
    assert len(next(groups)) == 1
    groups.close()
    assert len(server.asked) <= 5
    server.script = lambda call: OK
    assert model.run([ask("again")])[0].text == "fine"


def test_connections_that_went_stale_slow_nothing_down(serve, connect):
    """Servers drop idle connections, as a rule just when all of them are wanted again."""
    stale: set[int] = set()
    server = serve(lambda call: Reply(cut=0) if call.connection in stale else OK)
    model = connect(server, concurrency=16)
    for _ in range(3):
        assert {answer.text for answer in model.run(many(60))} == {"fine"}
        assert model._client.limit.now == 16
        stale |= {call.connection for call in server.asked}
    assert len(server.asked) > len(server.answered) == 180


def test_no_server_is_told_at_once(connect, serve):
    from mmbench.errors import ModelError

    server = serve(lambda call: OK)
    server.url = "http://127.0.0.1:9/v1"
    with pytest.raises(ModelError, match=r"127.0.0.1:9/v1 does not answer: no connection.*Is the server running"):
        connect(server)
