"""Scenes: pictures of solids in a room, with questions, captions and the facts behind them."""

from mmbench_tasks.worlds.scenes.facts import extract_facts
from mmbench_tasks.worlds.scenes.rows import VERSION, caption_rows, inventory_rows, vqa_rows

__all__ = ["VERSION", "caption_rows", "extract_facts", "inventory_rows", "vqa_rows"]
