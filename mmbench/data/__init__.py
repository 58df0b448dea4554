"""Where rows come from: the Hub or a mirror of it, local files, and generators in Python."""

from mmbench.data.local import dataset_from_file
from mmbench.data.rows import Rows, open_dataset, open_shots, samples

__all__ = ["Rows", "dataset_from_file", "open_dataset", "open_shots", "samples"]
