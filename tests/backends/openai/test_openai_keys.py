"""Keys come from the environment and go to the server alone: into no file, no message, no log."""

import json
import logging

import pytest
from fault_server import Reply, chat, refusal
from openai_helpers import ask
from toys import Addition

import mmbench
from mmbench import plugins
from mmbench.backends.openai import Address, Options, load
from mmbench.errors import MMBenchError, ModelError, UsageError

KEY = "sk-very-secret-0123456789"


def test_the_key_reaches_the_server_and_nothing_else(serve, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)

    def script(call):
        said = f"key {call.headers['authorization'].split()[1]} has no access to this"
        return Reply(400, refusal(said)) if call.number % 3 == 0 else Reply(body=chat("5"))

    server = serve(script)
    run = mmbench.evaluate(
        f"openai:m@{server.url}", Addition(), out=tmp_path, model_options={"scoring": "off", "concurrency": 2}
    )
    assert {call.headers["authorization"] for call in server.asked} == {f"Bearer {KEY}"}
    assert "key *** has no access" in run.manifest.tasks[0].first_error
    plugins.load("renderers", "html")([run], run.path / "report.html")
    assert "key *** has no access" in (run.path / "report.html").read_text()
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes(), path
    assert KEY not in caplog.text
    assert KEY not in json.dumps([record.__dict__ for record in caplog.records], default=str)


def test_another_variable_may_hold_the_key(serve, connect, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    monkeypatch.setenv("MY_KEY", KEY)
    server = serve(lambda call: Reply(body=chat("x")))
    connect(server, api_key_env="MY_KEY").run([ask("q")])
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_server_of_one_s_own_needs_no_key(serve, connect):
    server = serve(lambda call: Reply(body=chat("x")))
    connect(server).run([ask("q")])
    assert server.asked[0].headers["authorization"] == "Bearer EMPTY"


def refusal_of(**options) -> str:
    with pytest.raises(MMBenchError) as caught:
        load("m@http://127.0.0.1:9/v1", **options)
    assert KEY not in str(caught.value)
    return str(caught.value)


def test_a_key_as_an_option_is_refused_and_not_repeated():
    assert "Put the key into OPENAI_API_KEY" in refusal_of(api_key=KEY)
    assert "name of an environment variable" in refusal_of(api_key_env=KEY)
    assert "environment variable that is set" in refusal_of(api_key_env="hf_abcdefghijklmnop")
    assert "hf_abc" not in refusal_of(api_key_env="hf_abcdefghijklmnop")


@pytest.mark.parametrize("url", ["http://user:{}@host/v1", "http://{}@host/v1", "https://host/v1?key={}"])
def test_a_url_with_a_secret_is_refused_and_not_repeated(url):
    with pytest.raises(UsageError, match="no user, password or query") as caught:
        Address.parse("m@" + url.format(KEY))
    assert KEY not in str(caught.value)


def test_the_hosted_server_needs_a_key():
    with pytest.raises(ModelError, match=r"api.openai.com/v1 needs a key: set OPENAI_API_KEY"):
        load("gpt-4o-mini")


def test_a_key_that_is_refused_is_told_at_once(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    server = serve(lambda call: Reply(401, refusal(f"Incorrect API key provided: {KEY}")), models=None)
    with pytest.raises(ModelError, match="refuses the key") as caught:
        load(f"m@{server.url}")
    assert KEY not in str(caught.value)


def test_an_option_for_a_key_is_not_a_field():
    assert not {"api_key", "key", "token", "headers"} & set(Options.__dataclass_fields__)
