"""A user's file as a dataset."""

from pathlib import Path

from mmbench.data.files import FileReader
from mmbench.data.metadata import read_metadata
from mmbench.dataset import Dataset, Files


def dataset_from_file(path: str) -> Dataset:
    """Return a dataset whose columns have the names of the task's fields.

    A Croissant record, ``datasets``' own record or a card beside the file tells licence and citation.

    Raises:
        DataError: there is no such file, it is of an unknown kind, or the record is none.
    """
    FileReader(path)
    told = read_metadata(Path(path).expanduser().parent)
    return Dataset(Files(path), license=told.license, citation=told.citation, notes=told.notes)
