import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from workbench.ui.assets import APPLICATION_ID, asset_folder
from workbench.ui.stylesheet import build_stylesheet
from workbench.ui.tokens import DARK, LIGHT, Tokens

SVG = "{http://www.w3.org/2000/svg}"
FIXED = {  # drawn by the stylesheet, which cannot recolour: the token each must be drawn in
    "chevron": "muted",
    "chevron-up": "muted",
    "chevron-left": "muted",
    "chevron-right": "muted",
    "check": "on_accent",
    "dot": "on_accent",
}


def is_fixed(name: str) -> bool:
    return name == APPLICATION_ID or any(
        name in {f"{kind}-light", f"{kind}-dark"} for kind in FIXED
    )


LINES = sorted(path for path in asset_folder("icons").glob("*.svg") if not is_fixed(path.stem))


def test_there_is_a_whole_set() -> None:
    assert len(LINES) >= 45


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_a_line_icon_follows_the_grid_and_takes_its_colour(path: Path) -> None:
    drawing = ET.fromstring(path.read_text())
    assert drawing.tag == f"{SVG}svg"
    assert drawing.get("viewBox") == "0 0 24 24"
    assert drawing.get("stroke") == "currentColor"
    assert drawing.get("stroke-width") == "1.75"
    assert not re.search(r"#[0-9a-fA-F]{3}", path.read_text()), "a colour of its own"


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("kind", FIXED)
def test_what_the_stylesheet_draws_has_the_schemes_colour(kind: str, tokens: Tokens) -> None:
    path = asset_folder("icons") / f"{kind}-{tokens.name}.svg"
    assert getattr(tokens, FIXED[kind]) in path.read_text()


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_every_file_the_stylesheet_names_is_there(tokens: Tokens) -> None:
    sheet = build_stylesheet(tokens, 4, 10.0)
    named = re.findall(r'url\("([^"]+)"\)', sheet)
    assert len(named) >= 4
    assert [name for name in named if not Path(name).is_file()] == []
    assert "$" not in sheet


def test_every_icon_the_window_names_is_there(root: Path) -> None:
    known = {path.stem for path in LINES} | {APPLICATION_ID}
    uses = re.compile(
        r"(?:\bicon: ClassVar\[str\] = |dress\([\w.]+, |dress_label\([\w.]+, |"
        r'\.icon\(|\.pixmap\()"([a-z-]+)"'
    )
    named = {
        name
        for file in (root / "workbench/ui").rglob("*.py")
        for name in uses.findall(file.read_text())
    }
    assert len(named) > 15
    assert named - known == set()


def test_a_missing_folder_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        asset_folder("nowhere")


HELP = sorted((asset_folder("resources") / "help").glob("*.md"))


@pytest.mark.parametrize("page", HELP, ids=lambda page: page.stem)
def test_a_help_page_has_a_title_and_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    assert text.startswith("# ")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (page.parent / target).is_file(), target


def test_every_pane_has_a_help_page() -> None:
    pages = {page.stem for page in HELP}
    assert {
        "first-run",
        "keys",
        "rotation",
        "certificates",
        "signing",
        "verify",
        "security",
        "policies",
        "grants",
    } <= (pages)
