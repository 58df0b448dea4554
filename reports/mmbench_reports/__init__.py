"""Reports and renderers."""
