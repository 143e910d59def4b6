"""Where the icons and help pages lie: beside the package in a checkout, else where pip put them.

Knows folders only; must not know what is in the files.
"""

import site
import sys
from functools import cache
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_SHARED: Final = Path("share", "key-workbench")
APPLICATION_ID: Final = "org.keyworkbench.KeyWorkbench"
"""Also the name of the application's icon, as desktops look for it."""

# A file that only our own folder has: `resources` is a name that others may use as well.
_SIGNS: Final = {"icons": f"{APPLICATION_ID}.svg", "resources": "help/first-run.md"}


def _places() -> tuple[Path, ...]:
    return (
        _PACKAGE.parent,
        Path(sys.prefix) / _SHARED,
        Path(site.getuserbase()) / _SHARED,
        _PACKAGE.parent / _SHARED,  # pip install --target
    )


@cache
def asset_folder(name: str) -> Path:
    """Return the folder `icons` or `resources`.

    Raises:
        FileNotFoundError: the installation lacks it.
    """
    for place in _places():
        folder = place / name
        if (folder / _SIGNS.get(name, "")).exists():
            return folder
    raise FileNotFoundError(name)
