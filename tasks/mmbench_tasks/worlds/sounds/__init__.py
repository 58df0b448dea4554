"""Sounds: telephone keys, notes and beeps in noise, to be written down in words."""

from mmbench_tasks.worlds.sounds.rows import VERSION, speech_rows

__all__ = ["VERSION", "speech_rows"]
