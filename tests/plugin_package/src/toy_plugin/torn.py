"""A broken plug-in; it must not stop the others."""

import package_that_does_not_exist  # noqa: F401
