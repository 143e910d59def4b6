"""The colours of the window by meaning, for light and dark.

Owns the numbers and the arithmetic of contrast; must not know Qt, so that a test can compute
every pair. Text pairs keep WCAG 2.2 §1.4.3 (4.5:1), outlines of controls §1.4.11 (3:1).
"""

from dataclasses import dataclass
from typing import Final, Literal

Tone = Literal[
    "text", "muted", "accent", "on_accent", "ok", "warning", "danger", "on_danger", "pq", "info"
]


@dataclass(frozen=True, slots=True)
class Tokens:
    """One scheme's colours as `#rrggbb`.

    Attributes:
        name: `light` or `dark`.
        window: behind everything.
        surface: tables, fields, pages.
        raised: cards, menus, dialogs' own areas, toasts.
        sunken: rail, headers, read-only boxes.
        border: lines that only divide.
        outline: lines that mark a control's edge.
        text: words.
        muted: secondary words.
        accent: what can be pressed, and focus.
        on_accent: words on `accent`.
        accent_soft: hover and gentle emphasis.
        selection: selected rows.
        ok: good news; `warning`, `danger`, `info` likewise; `pq` marks post-quantum.
        on_danger: words on `danger`.
    """

    name: Literal["light", "dark"]
    window: str
    surface: str
    raised: str
    sunken: str
    border: str
    outline: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    selection: str
    ok: str
    ok_soft: str
    warning: str
    warning_soft: str
    danger: str
    on_danger: str
    danger_soft: str
    info: str
    info_soft: str
    pq: str
    pq_soft: str

    def colour(self, tone: Tone) -> str:
        """Return the `#rrggbb` of a tone."""
        return str(getattr(self, tone))

    def soft(self, tone: Tone) -> str:
        """Return the background that goes under words in `tone`."""
        return str(getattr(self, f"{tone}_soft", self.sunken))


LIGHT: Final = Tokens(
    name="light",
    window="#f4f5f7",
    surface="#ffffff",
    raised="#ffffff",
    sunken="#eceef2",
    border="#d8dce3",
    outline="#7c8492",
    text="#1b2027",
    muted="#545d6a",
    accent="#2456c7",
    on_accent="#ffffff",
    accent_soft="#e8eefb",
    selection="#dbe6fb",
    ok="#17663a",
    ok_soft="#e1f3e7",
    warning="#7a4b00",
    warning_soft="#fcf0d6",
    danger="#b0231b",
    on_danger="#ffffff",
    danger_soft="#fce8e6",
    info="#0a5b70",
    info_soft="#def1f6",
    pq="#643ab0",
    pq_soft="#efe8fb",
)

DARK: Final = Tokens(
    name="dark",
    window="#15181d",
    surface="#1c2026",
    raised="#242932",
    sunken="#111419",
    border="#333a45",
    outline="#737d8d",
    text="#e6e9ee",
    muted="#a4adba",
    accent="#8db2ff",
    on_accent="#0c1a35",
    accent_soft="#232f4a",
    selection="#2a3b60",
    ok="#77d19a",
    ok_soft="#1a3325",
    warning="#f0bd63",
    warning_soft="#392b13",
    danger="#ff9d94",
    on_danger="#3a0905",
    danger_soft="#42211f",
    info="#7dcfe2",
    info_soft="#14323b",
    pq="#c6abff",
    pq_soft="#32274c",
)

GROUNDS: Final = ("window", "surface", "raised", "sunken", "accent_soft", "selection")
TEXT_PAIRS: Final = (
    *((tone, ground) for tone in ("text", "muted", "accent") for ground in GROUNDS),
    *((tone, ground) for tone in ("ok", "warning", "danger", "info", "pq") for ground in GROUNDS),
    *((tone, f"{tone}_soft") for tone in ("ok", "warning", "danger", "info", "pq")),
    ("on_accent", "accent"),
    ("on_danger", "danger"),
)
OUTLINE_PAIRS: Final = tuple(
    (line, ground)
    for line in ("outline", "accent")
    for ground in ("window", "surface", "raised", "sunken")
)


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, definition)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition)."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
