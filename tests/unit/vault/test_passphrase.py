import itertools

import pytest

from workbench.base.errors import Refused
from workbench.vault import passphrase


def test_a_generated_one_has_at_least_128_random_bits_and_its_own_shape() -> None:
    made = {passphrase.generate() for _ in range(50)}
    assert len(made) == 50
    for text in made:
        groups = text.split("-")
        assert len(groups) == 7
        assert all(len(group) == 5 and set(group) <= set(passphrase.ALPHABET) for group in groups)
        assert 7 * 4 * 5 >= 128
        assert passphrase.normalise_generated(text) == text


def test_case_spaces_dashes_and_look_alikes_do_not_matter() -> None:
    text = next(t for t in iter(passphrase.generate, "") if "0" in t and "1" in t)
    for typed in (
        text.lower(),
        text.replace("-", " "),
        text.replace("-", ""),
        f"  {text}\n",
        text.replace("-", "\u2013"),
        text.replace("0", "o").replace("1", "l"),
        text.replace("0", "O").replace("1", "I"),
        text.translate({ord(c): ord(c) + 0xFEE0 for c in passphrase.ALPHABET}),  # full width
    ):
        assert passphrase.normalise_generated(typed) == text


def test_every_wrong_symbol_and_every_swap_in_a_group_is_told_and_placed() -> None:
    text = passphrase.generate()
    for place in (n for n, c in enumerate(text) if c != "-"):
        group = place // 6 + 1
        for other in set(passphrase.ALPHABET) - {text[place]}:
            with pytest.raises(Refused, match=f"mistake in group {group} of 7"):
                passphrase.normalise_generated(text[:place] + other + text[place + 1 :])
    for group in range(7):
        for a, b in itertools.combinations(range(group * 6, group * 6 + 5), 2):
            swapped = list(text)
            swapped[a], swapped[b] = text[b], text[a]
            if text[a] != text[b]:
                with pytest.raises(Refused, match=f"group {group + 1} of 7"):
                    passphrase.normalise_generated("".join(swapped))


def test_two_swapped_groups_are_told() -> None:
    text = passphrase.generate()
    groups = text.split("-")
    for a, b in itertools.combinations(range(7), 2):
        swapped = list(groups)
        swapped[a], swapped[b] = groups[b], groups[a]
        with pytest.raises(Refused, match=f"group {a + 1}, {b + 1} of 7"):
            passphrase.normalise_generated("-".join(swapped))


@pytest.mark.parametrize("typed", ["", "0", "\udcff" * 35, "A" * 34, "A" * 36, "A" * 100_000])
def test_what_cannot_be_one_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match=r"letters and digits|typing mistake"):
        passphrase.normalise_generated(typed)


def test_the_message_does_not_repeat_what_was_typed() -> None:
    text = passphrase.generate()
    with pytest.raises(Refused) as caught:
        passphrase.normalise_generated(text[:-1] + ("0" if text[-1] != "0" else "1"))
    assert text[:5] not in str(caught.value)


def test_a_chosen_one_is_the_same_from_every_keyboard() -> None:
    assert passphrase.normalise_chosen("Schlu\u0308ssel fu\u0308r") == "Schl\u00fcssel f\u00fcr"
    assert passphrase.normalise_chosen("  Keep My-Case ") == "  Keep My-Case "


def test_a_chosen_one_has_a_least_length_and_is_text() -> None:
    assert passphrase.accept_chosen("x" * passphrase.SHORTEST) == "x" * passphrase.SHORTEST
    with pytest.raises(Refused, match="at least 12 characters; this one has 11"):
        passphrase.accept_chosen("x" * (passphrase.SHORTEST - 1))
    with pytest.raises(Refused, match="not text"):
        passphrase.accept_chosen("a surrogate \udcff among letters")
