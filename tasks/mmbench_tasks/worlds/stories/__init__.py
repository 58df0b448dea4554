"""Stories: a log of events told as report, dialogue, letter or log, with summaries, facts and questions.

The log is drawn first; the text, the summaries and the questions follow from it, so every answer can be checked.
See ``docs/worlds/stories.md``.
"""

from mmbench_tasks.worlds.stories.rows import VERSION, qa_rows, summarization_rows

__all__ = ["VERSION", "qa_rows", "summarization_rows"]
