"""What was thought before an answer is no part of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.metrics.reasoning import CLOSE, OPEN, without_reasoning


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>a ball</think> two", "two"),
        ("<think>a ball\n\na cube</think>\n\n two \n", "two"),
        ("<THINK>a</THINK>b", "b"),
        ("<reasoning>no</reasoning>yes", "yes"),
        ("<thinking>a</thinking>b<think>c</think>", "b"),
        ("<think>never closed", ""),
        ("opened by the prompt</think>two", "two"),
        ("", ""),
        (" two\n", " two\n"),
        ("1 < 2 and <b>bold</b>", "1 < 2 and <b>bold</b>"),
    ],
)
def test_only_the_answer_is_left(text: str, answer: str) -> None:
    assert without_reasoning(text) == answer


@given(st.text(alphabet="ab \n"), st.text(alphabet="ab \n<>"))
def test_any_thought_before_any_answer(thought: str, answer: str) -> None:
    assert without_reasoning(f"{OPEN}{thought}{CLOSE}{answer}") == answer.strip()
    assert without_reasoning(answer) == answer
