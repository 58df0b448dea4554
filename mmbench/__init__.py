"""mmbench: evaluation of multimodal language models."""
