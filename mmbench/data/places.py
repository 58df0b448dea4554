"""Where a dataset is on this machine."""

import os
from pathlib import Path

from mmbench.dataset import Hub
from mmbench.errors import DataError


def mirror_folder(hub: Hub) -> Path | None:
    """Return the folder of a dataset, or of a copy of it, in the mirror that ``MMBENCH_DATA_DIR`` names.

    Raises:
        DataError: ``MMBENCH_DATA_DIR`` names no folder.
    """
    root = os.environ.get("MMBENCH_DATA_DIR")
    if not root:
        return None
    if not Path(root).is_dir():
        raise DataError(f"MMBENCH_DATA_DIR is '{root}', which is no folder. Set it to your mirror, or unset it.")
    return next((folder for path in (hub.path, *hub.copies) if (folder := Path(root) / path).is_dir()), None)
