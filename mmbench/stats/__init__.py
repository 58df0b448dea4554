"""Statistics on sums: how certain each number is. Knows nothing of models, files or the command line."""
