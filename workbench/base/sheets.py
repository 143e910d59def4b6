"""Text for the cells of spreadsheets. Owns what must not be taken for a formula."""

from typing import Final

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe is put before it."""
    return f"'{text}" if text.startswith(_STARTS) else text
