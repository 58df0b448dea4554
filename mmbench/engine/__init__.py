"""The engine: plan, look up, batch, ask, keep, score."""
