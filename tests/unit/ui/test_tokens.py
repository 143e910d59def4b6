import pytest

from workbench.ui.tokens import DARK, LIGHT, OUTLINE_PAIRS, TEXT_PAIRS, Tokens, contrast


def test_contrast_is_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
def test_words_can_be_read(tokens: Tokens, pair: tuple[str, str]) -> None:
    words, ground = (getattr(tokens, name) for name in pair)
    assert contrast(words, ground) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("pair", OUTLINE_PAIRS, ids="-on-".join)
def test_edges_of_controls_can_be_seen(tokens: Tokens, pair: tuple[str, str]) -> None:
    edge, ground = (getattr(tokens, name) for name in pair)
    assert contrast(edge, ground) >= 3


def test_every_soft_ground_belongs_to_a_tone() -> None:
    for tone in ("ok", "warning", "danger", "info", "pq", "accent"):
        assert LIGHT.soft(tone) == getattr(LIGHT, f"{tone}_soft")
    assert LIGHT.soft("muted") == LIGHT.sunken
