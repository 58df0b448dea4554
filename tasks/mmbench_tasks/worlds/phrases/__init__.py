"""Phrases: sentence pairs in English, German, French and Chinese from one synchronous grammar.

A meaning is drawn first, with no words in it; four small grammars say it, each in its own order, with its own
agreement, cases, aspects and measure words. So a pair is a translation by construction, and every row knows what
it is about. See ``docs/worlds/phrases.md``.
"""

from mmbench_tasks.worlds.phrases.rows import VERSION, translation_rows

__all__ = ["VERSION", "translation_rows"]
