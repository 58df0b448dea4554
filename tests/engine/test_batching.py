from mmbench.engine.batching import missing, plan_batches
from mmbench.schema import Generate, Perplexity, user


def _requests(texts):
    return [(text.encode(), Generate((user(text),))) for text in texts]


def _plan(requests, limit):
    sizes = [len(request.messages[0].text) if isinstance(request, Generate) else 0 for _, request in requests]
    return plan_batches(requests, sizes, limit)


def test_longest_first_and_limited():
    batches = _plan(_requests(["a", "bbb", "cc", "dddd"]), 3)
    assert [[key.decode() for key, _ in batch] for batch in batches] == [["dddd", "bbb", "cc"], ["a"]]


def test_kinds_and_decoding_never_share_a_batch():
    hot = (b"h", Generate((user("x"),), temperature=1.0))
    text = (b"p", Perplexity("x"))
    batches = _plan([*_requests(["x"]), hot, text], 8)
    assert sorted(len(batch) for batch in batches) == [1, 1, 1]


def test_plan_does_not_depend_on_what_is_stored():
    requests = _requests([f"{i:03}" * (i % 5 + 1) for i in range(50)])
    plan = _plan(requests, 7)
    stored = {key for key, _ in plan[2]}
    assert [missing(batch, stored) for batch in _plan(requests, 7)] == [
        [] if index == 2 else batch for index, batch in enumerate(plan)
    ]
