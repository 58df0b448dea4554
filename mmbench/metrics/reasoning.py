"""What a model writes for itself before its answer, in ``<think>`` tags as reasoning models do.

It is no part of the answer: servers hand it out apart (vLLM's and SGLang's reasoning parsers); a model that runs
here, or a server without such a parser, leaves it in the text.
"""

import re

OPEN, CLOSE = "<think>", "</think>"

_BLOCK = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)


def without_reasoning(text: str) -> str:
    """Drop ``<think>`` blocks and the white space around them; other text is returned as it is.

    A block that was never closed takes all that follows with it, one that the prompt opened all that came before.

    >>> without_reasoning("<think>two balls, a cube</think> 3"), without_reasoning("<think>two balls, a")
    ('3', '')
    >>> without_reasoning("two balls, a cube</think> 3"), without_reasoning(" 3 < 4")
    ('3', ' 3 < 4')
    """
    kept = _BLOCK.sub(" ", text).rpartition(CLOSE)[2]
    return text if kept == text else kept.strip()
