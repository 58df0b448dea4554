import pytest

from mmbench.errors import UsageError
from mmbench.gating import load_policy


def _load(tmp_path, text):
    path = tmp_path / "gate.toml"
    path.write_text(text)
    return load_policy(path)


def test_a_whole_policy(tmp_path):
    policy = _load(
        tmp_path,
        'require = ["vqa"]\nmax_error_rate = 0.01\nmax_latency_p95 = 2.5\n'
        '[[rule]]\nmetric = "accuracy"\nmin = 60\nslice = "type=counting"\n'
        '[[rule]]\ntask = "vqa:scenes"\nmetric = "accuracy"\nmax_drop = 0\nconfidence = 0.9\n',
    )
    assert [rule.needs_baseline for rule in policy.rule] == [False, True]
    assert policy.rule[1].confidence == 0.9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]]\nmetric = ", "is no TOML"),
        ("requires = []", "unknown key 'requires'. Did you mean 'require'"),
        ('[[rule]]\nmetric = "a"\nmaxdrop = 1', "unknown key 'rule.1.maxdrop'. Did you mean 'max_drop'"),
        ('[[rule]]\nmetric = "a"', "exactly one of"),
        ('[[rule]]\nmetric = "a"\nmin = 1\nmax = 2', "exactly one of"),
        ("[[rule]]\nmin = 1", "rule.1.metric"),
        ('[[rule]]\nmetric = "a"\nmax_drop = -1', "rule.1.max_drop"),
        ('[[rule]]\nmetric = "a"\nmin = "high"', "rule.1.min"),
        ("max_error_rate = 2", "max_error_rate"),
    ],
)
def test_mistakes_name_the_key(tmp_path, text, message):
    with pytest.raises(UsageError, match=message.replace(".", r"\.").replace("(", r"\(")):
        _load(tmp_path, text)


def test_editors_that_mark_or_do_not_write_utf8(tmp_path):
    path = tmp_path / "gate.toml"
    path.write_bytes(b'\xef\xbb\xbf[[rule]]\nmetric = "a"\nmin = 1\n')
    assert load_policy(path).rule[0].metric == "a"
    path.write_bytes(b"require = []  # \xe9\n")
    with pytest.raises(UsageError, match="is no TOML"):
        load_policy(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.toml"):
        load_policy(tmp_path / "nothing.toml")
