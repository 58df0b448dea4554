"""The limit of requests under way: grows by steps, halves once on overload, serves in order."""

import asyncio
import itertools

import pytest
from fault_server import Reply, chat, refusal
from openai_helpers import many

from mmbench.backends.openai.limit import ROUND, STEPS, Limit


def run(work):
    return asyncio.run(work)


def answer(limit: Limit, *failed: bool | None) -> None:
    """Let requests come back that were sent under the present limit."""

    async def go():
        for value in failed:
            limit.leave(await limit.enter(), value)

    run(go())


def test_a_failure_now_and_then_changes_nothing():
    limit = Limit(64)
    answer(limit, *([False] * 19 + [True]) * 100)
    assert limit.now == 64


def test_overload_halves_at_once():
    limit = Limit(64)
    answer(limit, *[True] * 12)
    assert limit.now == 64
    answer(limit, True)
    assert limit.now == 32


def test_what_was_under_way_at_the_cut_does_not_cut_again():
    async def go():
        limit = Limit(64)
        marks = [await limit.enter() for _ in range(64)]
        for mark in marks:
            limit.leave(mark, True)
        return limit.now

    assert run(go()) == 32


def test_it_never_falls_below_one_and_grows_by_equal_steps_to_the_most():
    limit = Limit(64)
    answer(limit, *[True] * 200)
    assert limit.now == 1
    sizes = []
    for _ in range(STEPS + 2):
        answer(limit, *[False] * max(limit.now, ROUND))
        sizes.append(limit.now)
    assert sizes == [1 + 4 * step for step in range(1, 16)] + [64, 64, 64]


def test_answers_that_tell_nothing_are_not_counted():
    limit = Limit(4)
    answer(limit, *[None] * 100)
    assert limit.now == 4
    answer(limit, *[True] * 4)
    assert limit.now == 2


def test_places_are_given_in_order():
    async def go():
        limit, order = Limit(2), []

        async def one(name):
            mark = await limit.enter()
            order.append(name)
            await asyncio.sleep(0)
            limit.leave(mark, False)

        await asyncio.gather(*map(one, range(9)))
        return order

    assert run(go()) == list(range(9))


def test_who_is_cancelled_while_waiting_gives_the_place_on():
    async def go():
        limit = Limit(1)
        mark = await limit.enter()
        waiting = [asyncio.ensure_future(limit.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        limit.leave(mark, False)
        waiting[1].cancel()  # in the very moment in which it is given the place
        return await asyncio.wait_for(waiting[2], 5)

    assert run(go()) == 0


def test_never_more_under_way_than_allowed(serve, connect):
    server = serve(lambda call: Reply(body=chat("x"), delay=0.005))
    connect(server, concurrency=7).run(many(60))
    assert max(call.in_flight for call in server.asked) == 7


@pytest.mark.parametrize("capacity", [4, 12])
def test_it_finds_what_a_server_can_do(serve, connect, capacity):
    def script(call):
        if call.in_flight > capacity:
            return Reply(429, refusal("too many"), {"Retry-After": "0.001"})
        return Reply(body=chat(f"re: {call.prompt}"), delay=0.004)

    server = serve(script)
    model = connect(server, concurrency=64, retries=50)
    answers = model.run(many(400))
    assert [item.text for item in answers] == [f"re: q{number}" for number in range(400)]
    late = [call.in_flight for call in server.asked[-200:]]
    assert max(late) <= 2 * capacity + 4
    refused = sum(call.status == 429 for call in server.asked[-200:])
    assert refused < 0.35 * 200


def test_places_are_free_while_requests_wait_to_be_asked_again(serve, connect):
    """One place, and a first request that must wait: the others pass it."""
    calls = itertools.count()

    def script(call):
        return Reply(429, refusal("x"), {"Retry-After": "0.3"}) if next(calls) == 0 else Reply(body=chat("x"))

    server = serve(script)
    assert all(answer.error is None for answer in connect(server, concurrency=1).run(many(5)))
    assert [call.prompt for call in server.asked] == ["q0", "q1", "q2", "q3", "q4", "q0"]
