"""The language of scenes: noun phrases and question forms."""
