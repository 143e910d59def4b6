"""RFC 9162 §2.1: Merkle trees over SHA-256, their proofs, and verifying those.

Owns arithmetic on hashes only; must not know where leaves are kept. The functions are few and pure;
the one library for them is under the GPL, which this program's licence does not allow.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()
"""The root of the tree without leaves (RFC 9162 §2.1.1)."""

_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || data) (RFC 9162 §2.1.1)."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right) (RFC 9162 §2.1.1)."""
    return _sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The right edge of a tree: all that is needed to append to it and to tell its root.

    Attributes:
        size: number of leaves.
        hashes: roots of the perfect subtrees that make up the tree, from left to right; one for
            each bit that is set in `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a range whose hashes do not fit its size, with `ValueError`."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("the hashes of a compact range do not fit its size")
        if any(len(value) != HASH_BYTES for value in self.hashes):
            raise ValueError("a hash of a compact range has the wrong length")

    def extended(self, leaves: Iterable[bytes]) -> "CompactRange":
        """Return the range after appending leaves, given by their leaf hashes."""
        hashes, size = list(self.hashes), self.size
        for leaf in leaves:
            value, merged = leaf, size
            while merged & 1:
                value = node_hash(hashes.pop(), value)
                merged >>= 1
            hashes.append(value)
            size += 1
        return CompactRange(size, tuple(hashes))

    def root(self) -> bytes:
        """Return the tree's root hash."""
        if not self.hashes:
            return EMPTY_ROOT
        value = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            value = node_hash(left, value)
        return value


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes."""
    return CompactRange().extended(leaves).root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the audit path of one leaf (RFC 9162 §2.1.3.1), from the leaf towards the root.

    Args:
        index: which leaf, from 0.
        leaves: every leaf hash of the tree.

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise ValueError(f"leaf {index} is not in a tree of {len(leaves)}")
    path: list[bytes] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root(leaves[middle:end]))
            end = middle
        else:
            path.append(root(leaves[start:middle]))
            start = middle
    return tuple(reversed(path))


def consistency_proof(first: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the proof that the tree over `leaves` extends that over the `first` ones of them.

    RFC 9162 §2.1.4.1. It is empty when both trees are the same.

    Raises:
        ValueError: `first` is not between 1 and the number of leaves.
    """
    if not 1 <= first <= len(leaves):
        raise ValueError(f"a tree of {first} leaves is no part of one of {len(leaves)}")
    path: list[bytes] = []
    start, end, known = 0, len(leaves), True
    while first - start != end - start:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(root(leaves[middle:end]))
            end = middle
        else:
            path.append(root(leaves[start:middle]))
            start, known = middle, False
    if not known:
        path.append(root(leaves[start:end]))
    return tuple(reversed(path))


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes
) -> bool:
    """Return whether a proof shows a leaf hash at `index` in the tree (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            value = node_hash(value, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and value == root_hash


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether a proof shows that one tree extends another (RFC 9162 §2.1.4.2).

    Args:
        first: number of leaves of the older tree, at least 1.
        second: number of leaves of the newer tree.
        first_root: the older tree's root.
        second_root: the newer tree's root.
        proof: as made by `consistency_proof`.
    """
    if not 1 <= first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """Return the largest power of two below `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1
