"""Many files sorted into what is verified together, by content and by name."""

from pathlib import Path

import pytest

from workbench.signing.pairing import Pairing, pair_all, stands_alone

SIGNATURE = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"


def make(folder: Path, *names: str) -> list[Path]:
    """Make files; those with a signature's name are signatures by their content."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(SIGNATURE if path.name.endswith((".p7s", ".p7m")) else b"content")
    return paths


@pytest.mark.parametrize("turn", [1, -1])
def test_files_and_signatures_in_any_order(tmp_path: Path, turn: int) -> None:
    a, b, sig_b, sig_a = make(tmp_path, "a", "b", "b.p7s", "a.p7s")
    found = pair_all([a, b, sig_b, sig_a][::turn])
    assert set(found) == {Pairing(a, sig_a), Pairing(b, sig_b)}
    assert len(found) == 2


def test_what_lies_beside_need_not_be_given(tmp_path: Path) -> None:
    a, sig_a, b, sig_b = make(tmp_path, "a", "a.p7s", "b", "b.p7s")
    assert pair_all([a, sig_b]) == [Pairing(a, sig_a), Pairing(b, sig_b)]
    assert stands_alone(a)
    assert not stands_alone(sig_b)


def test_several_signatures_of_one_file(tmp_path: Path) -> None:
    a, cms, raw = make(tmp_path, "a", "a.p7s", "a.sig")
    assert set(pair_all([a, cms, raw])) == {Pairing(a, cms), Pairing(a, raw)}
    assert set(pair_all([raw, cms])) == {Pairing(a, cms), Pairing(a, raw)}


def test_a_damaged_signature_is_one_by_its_name(tmp_path: Path) -> None:
    a, damaged = make(tmp_path, "a", "a.p7s")
    damaged.write_bytes(b"")
    assert pair_all([a, damaged]) == pair_all([damaged]) == [Pairing(a, damaged)]


def test_a_signature_elsewhere_goes_to_the_only_file_of_its_name(tmp_path: Path) -> None:
    (a,) = make(tmp_path / "in", "a")
    (signature,) = make(tmp_path / "out", "a.p7s")
    assert pair_all([a, signature]) == [Pairing(a, signature)]
    (again,) = make(tmp_path / "more", "a")
    assert pair_all([a, again, signature]) == [
        Pairing(a, None),
        Pairing(again, None),
        Pairing(None, signature),
    ], "which of the two is meant is not guessed"


def test_what_has_no_signature_and_what_is_not_there(tmp_path: Path) -> None:
    (a,) = make(tmp_path, "a")
    gone = tmp_path / "gone"
    assert pair_all([a, gone, a]) == [Pairing(a, None), Pairing(gone, None)]
    assert not stands_alone(a)
    assert not stands_alone(gone)
