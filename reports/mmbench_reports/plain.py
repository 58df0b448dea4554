"""Text that others wrote, made safe to look at.

Escaping keeps it from being markup. What is left are characters that no escape touches: controls, NUL, marks that
turn the direction of writing, invisible ones that hide a message. They are shown by name instead of obeyed.
"""

import re

_SUSPECT = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\u00ad\u180e\u200b\u2028\u2029\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible
    "\ufdd0-\ufdef\ufffe\uffff"  # never a character
    "\U000e0000-\U000e007f"  # tags: invisible letters
    "\ud800-\udfff"  # half a character
    "]"
)


def plain(text: str) -> str:
    r"""Show control, direction and invisible characters by name; all other characters stay.

    >>> plain("a\x00b\u202ec")
    'a␀b⟨U+202E⟩c'
    """
    return _SUSPECT.sub(_name, text.replace("\r\n", "\n")) if _SUSPECT.search(text) else text


def _name(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else f"⟨U+{code:04X}⟩"


def shortened(text: str, length: int) -> str:
    """Cut a text to ``length`` characters, an ellipsis included.

    >>> shortened("a long name", 6)
    'a lon…'
    """
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
