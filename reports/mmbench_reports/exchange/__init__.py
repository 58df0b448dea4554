"""Results in the formats of other tools: CI systems, the Hub, result databases, other harnesses, trackers."""
