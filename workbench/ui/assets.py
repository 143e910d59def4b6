"""Where the icons and help pages lie: inside the installed package, or beside it in a checkout.

Knows folders only; must not know what is in the files.
"""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def asset_folder(name: str) -> Path:
    """Return the folder `icons` or `resources`.

    Raises:
        FileNotFoundError: the installation lacks it.
    """
    for base in (_PACKAGE, _PACKAGE.parent):
        folder = base / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(name)
