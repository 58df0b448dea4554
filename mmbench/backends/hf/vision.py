"""Pictures are encoded once: the vision tower's features are kept and used again.

Several questions about one picture are the rule in visual question answering, and the tower often costs more
than the answer. Features are found again by the bytes of the pixels that go into the tower, after all processing,
so that a hit is exact whatever the processor did; the least recently used go when the budget is spent.
"""

import hashlib
import inspect
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

BUDGET = 512 * 2**20
"""Bytes of features that are kept."""
_PIXELS = "pixel_values"
_GRID = "image_grid_thw"


@dataclass(frozen=True, slots=True)
class _Features:
    """What a model reads of one unit: (tokens, width), and the same of each layer that it reads besides."""

    pooled: torch.Tensor
    deep: tuple[torch.Tensor, ...]

    @property
    def bytes(self) -> int:
        return sum(part.numel() * part.element_size() for part in (self.pooled, *self.deep))


class PictureFeatures:
    """Replaces pixels by features, for models that take features in their place.

    A *unit* is what the tower returns features of: a picture, a tile of one, or all pictures of a prompt.
    """

    def __init__(self, model: Any, budget: int = BUDGET) -> None:
        self._device, self._dtype, self._budget = model.device, model.dtype, budget
        self._encode: Callable[..., Any] | None = _encoder(model)
        self._known: OrderedDict[bytes, _Features] = OrderedDict()
        self._spent = 0
        self._type: type[Any] = object  # of what the tower returns; known once it has run
        self._stacked = False  # its units are rows of one tensor, not items of a list

    def replace(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with features in place of pixels, or unchanged where the model takes none."""
        units = self._units(inputs)
        if not units:
            return inputs
        keys = [_key(unit) for unit in units]
        found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: unit for key, unit in zip(keys, units, strict=True) if key not in found}
        if missing:
            fresh = self._compute(list(missing.values()))
            if fresh is None:
                self._encode = None  # its features cannot be told apart, nor will they be next time
                return inputs
            found |= dict(zip(missing, fresh, strict=True))
        for key in keys:
            self._keep(key, found[key])
        rest = {name: value for name, value in inputs.items() if name != _PIXELS}
        return rest | {"mm_encoder_outputs": {"image": self._joined([found[key] for key in keys])}}

    def _units(self, inputs: dict[str, Any]) -> list[dict[str, torch.Tensor]]:
        """Cut the tower's inputs into units; none if it is not plain how."""
        if self._encode is None or _PIXELS not in inputs:
            return []
        names = [name for name in inspect.signature(self._encode).parameters if name in inputs]
        tensors = {name: inputs[name] for name in names}
        if not all(isinstance(value, torch.Tensor) for value in tensors.values()):
            return []
        pixels = tensors[_PIXELS]
        if _GRID in tensors:  # a run of patches a picture
            lengths = tensors[_GRID].prod(-1).tolist()
            if set(tensors) != {_PIXELS, _GRID} or sum(lengths) != len(pixels):
                return []
            pairs = zip(pixels.split(lengths), tensors[_GRID].split(1), strict=True)
            return [{_PIXELS: part, _GRID: grid} for part, grid in pairs]
        if any(len(value) != len(pixels) for value in tensors.values()):
            return []
        return [{name: value[at : at + 1] for name, value in tensors.items()} for at in range(len(pixels))]

    def _compute(self, units: Sequence[dict[str, torch.Tensor]]) -> list[_Features] | None:
        assert self._encode is not None
        batch = {name: torch.cat([unit[name] for unit in units]) for name in units[0]}
        placed = {
            name: value.to(self._device, self._dtype if value.is_floating_point() else None)
            for name, value in batch.items()
        }
        outputs = self._encode(**placed, return_dict=True)
        layers = [list(layer) for layer in getattr(outputs, "deepstack_features", None) or ()]
        if any(len(parts) != len(units) for parts in (outputs.pooler_output, *layers)):
            return None
        self._type, self._stacked = type(outputs), isinstance(outputs.pooler_output, torch.Tensor)
        return [_Features(part, tuple(deep)) for part, *deep in zip(outputs.pooler_output, *layers, strict=True)]

    def _joined(self, features: Sequence[_Features]) -> Any:
        """Build what the tower would have returned for all units."""
        pooled = [unit.pooled for unit in features]
        fields: dict[str, Any] = {"pooler_output": torch.stack(pooled) if self._stacked else pooled}
        if features[0].deep:
            fields["deepstack_features"] = [list(layer) for layer in zip(*(f.deep for f in features), strict=True)]
        return self._type(**fields)

    def _keep(self, key: bytes, features: _Features) -> None:
        """Note that a unit was used, and forget the ones that were not for longest."""
        if key not in self._known:
            self._spent += features.bytes
        self._known[key] = features
        self._known.move_to_end(key)
        while self._spent > self._budget:
            _, oldest = self._known.popitem(last=False)
            self._spent -= oldest.bytes


def _encoder(model: Any) -> Callable[..., Any] | None:
    """Return the function that encodes pictures, if the model takes its result in place of pixels."""
    from transformers import GenerationMixin

    plain = type(model).generate is GenerationMixin.generate and not model.config.is_encoder_decoder
    if not plain or not model._supports_mm_encoder_outputs():
        return None
    found: Callable[..., Any] | None = getattr(model.base_model, "get_image_features", None)
    return found


def _key(unit: dict[str, torch.Tensor]) -> bytes:
    """Hash the bytes, shapes and types that go into the tower."""
    digest = hashlib.blake2b(digest_size=16)
    for name, value in sorted(unit.items()):
        digest.update(f"{name}|{value.dtype}|{tuple(value.shape)}|".encode())
        digest.update(value.contiguous().view(torch.uint8).numpy().data)
    return digest.digest()
