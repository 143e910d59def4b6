"""RFC 9162 trees against a second, recursive reading of the RFC, for every size to 130."""

import hashlib

import pytest

from workbench.audit import merkle

SIZES = 130
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(SIZES)]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, as written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, complete: bool) -> list[bytes]:
    """RFC 9162 §2.1.4.1."""
    n = len(leaves)
    if m == n:
        return [] if complete else [mth(leaves)]
    k = split(n)
    if m <= k:
        return [*subproof(m, leaves[:k], complete=complete), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], complete=False), mth(leaves[:k])]


ROOTS = [mth(LEAVES[:n]) for n in range(SIZES + 1)]


def test_known_hashes() -> None:
    # From the definitions: the empty tree is SHA-256 of nothing, a leaf has the prefix 00.
    assert merkle.EMPTY_ROOT.hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert merkle.leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


def test_roots_of_every_size_appended_one_by_one_and_at_once() -> None:
    growing = merkle.CompactRange()
    for n in range(SIZES + 1):
        assert growing.root() == ROOTS[n]
        assert merkle.root(LEAVES[:n]) == ROOTS[n]
        assert growing.size == n
        growing = growing.extended(LEAVES[n : n + 1])


@pytest.mark.parametrize("n", range(1, SIZES + 1))
def test_inclusion(n: int) -> None:
    leaves = LEAVES[:n]
    for m in range(n):
        proof = merkle.inclusion_proof(m, leaves)
        assert list(proof) == path(m, leaves)
        assert merkle.verify_inclusion(LEAVES[m], m, n, proof, ROOTS[n])
        assert not merkle.verify_inclusion(LEAVES[m], m, n, proof, ROOTS[n - 1])
        assert not merkle.verify_inclusion(b"\x00" * 32, m, n, proof, ROOTS[n])
        assert not merkle.verify_inclusion(LEAVES[m], m, n, (*proof, LEAVES[0]), ROOTS[n])
        if proof:
            assert not merkle.verify_inclusion(LEAVES[m], m, n, proof[1:], ROOTS[n])
            assert not merkle.verify_inclusion(LEAVES[m], m, n, proof[:-1], ROOTS[n])


@pytest.mark.parametrize("n", range(1, SIZES + 1))
def test_consistency(n: int) -> None:
    leaves = LEAVES[:n]
    for m in range(1, n + 1):
        proof = merkle.consistency_proof(m, leaves)
        assert list(proof) == subproof(m, leaves, complete=True)
        assert merkle.verify_consistency(m, n, ROOTS[m], ROOTS[n], proof)
        assert not merkle.verify_consistency(m, n, ROOTS[m - 1], ROOTS[n], proof)
        assert not merkle.verify_consistency(m, n, ROOTS[m], b"\x01" * 32, proof)
        assert not merkle.verify_consistency(m, n, ROOTS[m], ROOTS[n], (*proof, LEAVES[0]))
        if proof:
            assert not merkle.verify_consistency(m, n, ROOTS[m], ROOTS[n], proof[:-1])
            assert not merkle.verify_consistency(m, n, ROOTS[m], ROOTS[n], ())


def test_a_fork_has_no_consistency_proof() -> None:
    other = [*LEAVES[:40], merkle.leaf_hash(b"forged"), *LEAVES[41:70]]
    for m in range(41, 70):
        assert not merkle.verify_consistency(
            m, 70, ROOTS[m], merkle.root(other), merkle.consistency_proof(m, other)
        )


def test_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="leaf 3 is not in a tree of 3"):
        merkle.inclusion_proof(3, LEAVES[:3])
    with pytest.raises(ValueError, match="leaf -1"):
        merkle.inclusion_proof(-1, LEAVES[:3])
    for first in (0, 4):
        with pytest.raises(ValueError, match="is no part of one of 3"):
            merkle.consistency_proof(first, LEAVES[:3])
    assert not merkle.verify_inclusion(LEAVES[0], 0, 0, (), ROOTS[0])
    assert not merkle.verify_inclusion(LEAVES[0], -1, 1, (), ROOTS[1])
    assert not merkle.verify_consistency(0, 1, ROOTS[0], ROOTS[1], ())
    assert not merkle.verify_consistency(2, 1, ROOTS[2], ROOTS[1], ())
    assert not merkle.verify_consistency(3, 7, ROOTS[3], ROOTS[7], ())


def test_a_compact_range_that_does_not_fit_is_refused() -> None:
    good = merkle.CompactRange().extended(LEAVES[:5])
    assert merkle.CompactRange(5, good.hashes) == good
    for size, hashes in ((4, good.hashes), (5, good.hashes[:1]), (-1, ()), (1, (b"short",))):
        with pytest.raises(ValueError, match="compact range"):
            merkle.CompactRange(size, hashes)
