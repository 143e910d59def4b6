"""How strong a password is about, and which are refused."""

import pytest

from workbench.pki.passwords import LONGEST, Strength, strength, wrong_with_password


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", Strength.WEAK),
        ("Tr0ub4dor&3", Strength.WEAK),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", Strength.WEAK),
        ("abcdefghijklmnop", Strength.WEAK),
        ("passwordpassword", Strength.WEAK),
        ("1234567890123456", Strength.WEAK),
        ("thursday walk", Strength.FAIR),
        ("correct horse bat", Strength.GOOD),
        ("nAk7-pWq2-Xe9t-LfZ4", Strength.STRONG),
        ("Käsebrötchen süß und heiß", Strength.STRONG),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_strength(password: str, expected: Strength) -> None:
    assert strength(password) is expected
    assert bool(wrong_with_password(password)) is (expected is Strength.WEAK)


def test_a_password_has_an_end() -> None:
    assert wrong_with_password("nAk7-pWq2-" * 103)
    assert len("nAk7-pWq2-" * 102) <= LONGEST
