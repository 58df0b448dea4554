"""The catalogue: which standard datasets a task knows, and what a user must know about each."""
