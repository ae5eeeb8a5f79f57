"""A Merkle tree anybody can recompute: RFC 6962's own vectors, and no proof for what is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.merkle import holds, leaf_hash, path, root

# The test vectors of the Certificate Transparency reference implementation.
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_vectors_come_out(size: int) -> None:
    assert root([leaf_hash(data) for data in INPUTS[:size]]).hex() == ROOTS[size - 1]


def test_an_empty_list_has_the_hash_of_nothing() -> None:
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert not holds(b"", 0, 0, [], root([]))


lists = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


@given(lists, st.data())
def test_every_row_of_a_list_has_a_proof_and_it_is_short(rows: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(row) for row in rows]
    index = data.draw(st.integers(0, len(rows) - 1))
    proof = path(leaves, index)
    assert holds(leaves[index], index, len(leaves), proof, root(leaves))
    assert len(proof) <= (len(leaves) - 1).bit_length()


@given(lists, st.binary(max_size=4), st.data())
def test_a_proof_holds_for_its_row_its_place_and_its_list_only(
    rows: list[bytes], other: bytes, data: st.DataObject
) -> None:
    leaves = [leaf_hash(row) for row in rows]
    index = data.draw(st.integers(0, len(rows) - 1))
    proof, top = path(leaves, index), root(leaves)
    if other != rows[index]:
        assert not holds(leaf_hash(other), index, len(leaves), proof, top)
    if proof:
        assert not holds(leaves[index], index, len(leaves), proof[:-1], top)
    assert not holds(leaves[index], index, len(leaves), [*proof, top], top)
    assert not holds(leaves[index], len(leaves), len(leaves), proof, top)
    assert not holds(leaves[index], -1, len(leaves), proof, top)


def test_no_place_outside_the_list_has_a_path() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            path([b"a", b"b", b"c"], index)
