"""Results of other harnesses as run folders, so that old runs can be compared; never verified."""

from mmbench.engine.importing.write import import_files

__all__ = ["import_files"]
