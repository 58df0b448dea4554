"""Procedural data: the embedded datasets."""
