"""A small drawing layer: the same pixels and the same PNG bytes on every machine."""
