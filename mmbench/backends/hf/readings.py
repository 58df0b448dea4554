"""What a model that follows no instructions takes from a prompt that holds some."""

import re
from collections.abc import Sequence

from mmbench.backends.hf.responses import RefusalError
from mmbench.schema import Message

_QUESTION = re.compile(r"^\s*question:\s*(.+)$", re.IGNORECASE | re.MULTILINE)


def only_turn(messages: Sequence[Message]) -> Message:
    """Return the one turn of a conversation.

    Raises:
        RefusalError: there are more (few-shot examples, a system prompt), or none.
    """
    if len(messages) != 1:
        raise RefusalError(f"the model takes one turn, not {len(messages)}; it learns nothing from examples.")
    return messages[0]


def first_line(text: str) -> str:
    """Return a prompt's first line that is not empty: the question, before instructions.

    >>> first_line("What colour is it?\\nAnswer with one word.\\nAnswer:")
    'What colour is it?'
    """
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def without_instruction(text: str, options: Sequence[str]) -> str:
    """Drop the last paragraph if it names all options: it says how to answer.

    >>> without_instruction("A fine film.\\n\\nIs this negative or positive?\\nAnswer:", ["negative", "positive"])
    'A fine film.'
    >>> without_instruction("A fine film.\\n\\nReally.", ["negative", "positive"])
    'A fine film.\\n\\nReally.'
    """
    head, gap, last = text.strip().rpartition("\n\n")
    named = all(option.strip().lower() in last.lower() for option in options)
    return head if gap and named else text


def context_and_question(text: str) -> tuple[str, str]:
    """Cut a prompt into a text and a question about it.

    The question is what follows the last "Question:" on its line; else it is the last paragraph.

    >>> context_and_question("Ada wrote it.\\n\\nQuestion: Who?\\nUse words from the text.\\nAnswer:")
    ('Ada wrote it.', 'Who?')
    >>> context_and_question("Ada wrote it.\\n\\nWho?")
    ('Ada wrote it.', 'Who?')

    Raises:
        RefusalError: there is no text before the question.
    """
    marked = list(_QUESTION.finditer(text))
    if marked:
        context, question = text[: marked[-1].start()], marked[-1].group(1)
    else:
        context, _, question = text.rstrip().rpartition("\n\n")
    if not context.strip() or not question.strip():
        raise RefusalError("the model needs a text and, after an empty line, a question about it.")
    return context.rstrip(), question.strip()


def question_and_options(text: str, options: Sequence[str]) -> tuple[str, str, list[tuple[int, int]]]:
    """Cut a prompt that lists its options into what comes before and the text that lists them.

    Options are looked for from the end, in their order, as whole words; the cut is before the line of the first.
    Returns the question, the text, and where in the text each option begins and ends.

    >>> question_and_options("Which one?\\nAnswer with one of these: a hat or hat.\\nAnswer:", ["a hat", "hat"])
    ('Which one?', 'Answer with one of these: a hat or hat.\\nAnswer:', [(26, 31), (35, 38)])

    Raises:
        RefusalError: the prompt does not list the options, or not in their order.
    """
    places: list[tuple[int, int]] = []
    end = len(text)
    for option in reversed(options):
        found = list(re.compile(rf"(?<!\w){re.escape(option.strip())}(?!\w)").finditer(text, 0, end))
        if not found:
            raise RefusalError(f"the model marks words of the prompt, which does not list the option '{option}'.")
        places.insert(0, found[-1].span())
        end = found[-1].start()
    cut = text.rfind("\n", 0, end) + 1
    return text[:cut].strip(), text[cut:].rstrip(), [(begin - cut, stop - cut) for begin, stop in places]


def matched(options: Sequence[str], labels: Sequence[str]) -> list[int]:
    """Find each option among a classifier's labels, whatever their case.

    Raises:
        RefusalError: an option is no label.
    """
    known = {label.strip().lower(): index for index, label in enumerate(labels)}
    missing = [option for option in options if option.strip().lower() not in known]
    if missing:
        some = ", ".join(labels[:5]) + (", ..." if len(labels) > 5 else "")
        raise RefusalError(
            f"the model has no label '{missing[0]}' (it has {some}); set labels to name them in order."
        )
    return [known[option.strip().lower()] for option in options]
