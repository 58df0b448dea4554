"""A user's file as a dataset."""

from pathlib import Path

from mmbench.data.croissant import described
from mmbench.data.files import FileReader
from mmbench.dataset import Dataset, Files


def dataset_from_file(path: str) -> Dataset:
    """Return a dataset whose columns have the names of the task's fields.

    A Croissant record beside the file tells licence and citation.

    Raises:
        DataError: there is no such file, it is of an unknown kind, or the record is none.
    """
    FileReader(path)
    told = described(Path(path).expanduser().parent)
    return Dataset(
        Files(path),
        license=told.get("license", ""),
        citation=told.get("citation", ""),
        notes=told.get("notes", ""),
    )
