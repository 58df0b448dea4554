"""Reviews: short opinions whose sentiment is known exactly, and hangs on structure rather than on words.

Negation, contrast, intensity, comparison and irony decide what a good word means. See ``docs/worlds/reviews.md``.
"""

from mmbench_tasks.worlds.reviews.rows import VERSION, sentiment_rows

__all__ = ["VERSION", "sentiment_rows"]
