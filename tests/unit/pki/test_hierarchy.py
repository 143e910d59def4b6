"""The drawn graph: roots, cross-signs, missing issuers, and where the cards go."""

import hashlib
from typing import Any

from tests.fakes.certificates import DAY, NOW, Chain, Made, make, new_key
from workbench.pki.hierarchy import MISSING, Graph, Node, build_graph


def entries(*certificates: Made, trusted: tuple[Made, ...] = ()) -> list[dict[str, Any]]:
    return [
        {"Certificate": one.der, "Trusted": one in trusted, "Source": "ISSUED"}
        for one in certificates
    ]


def by_name(graph: Graph) -> dict[str, Node]:
    return {node.name: node for node in graph.nodes}


def test_a_chain_is_a_tree_of_verified_edges() -> None:
    chain = Chain()
    graph = build_graph(entries(chain.leaf, chain.sub, chain.root, trusted=(chain.root,)), NOW)
    node = by_name(graph)
    assert {(e.upper, e.lower, e.verified, e.main) for e in graph.edges} == {
        (node["Root"].id, node["Sub"].id, True, True),
        (node["Sub"].id, node["Signer"].id, True, True),
    }
    assert node["Root"].trusted
    assert node["Root"].issuer_id == ""
    assert node["Signer"].issuer_id == node["Sub"].id
    assert node["Signer"].post_quantum
    assert node["Signer"].algorithm == "ML-DSA-65"


def test_a_missing_issuer_is_one_placeholder() -> None:
    chain = Chain("P-256")
    other = make("Other", chain.sub, ca=False, key=new_key("P-256"))
    graph = build_graph(entries(chain.leaf, other), NOW)
    placeholders = [node for node in graph.nodes if node.placeholder]
    assert [node.name for node in placeholders] == ["Sub"]
    assert placeholders[0].state == MISSING
    assert {edge.lower for edge in graph.edges} == {
        node.id for node in graph.nodes if not node.placeholder
    }
    assert not any(edge.verified for edge in graph.edges)


def test_a_name_alone_makes_no_edge() -> None:
    root, impostor = make("Root", identifiers=False), make("Root", identifiers=False)
    leaf = make("Leaf", root, ca=False, identifiers=False)
    graph = build_graph(entries(root, impostor, leaf), NOW)
    ids = {node.id: node for node in graph.nodes}
    assert len(graph.edges) == 1
    upper = ids[graph.edges[0].upper]
    assert graph.edges[0].verified
    assert upper.id == hashlib.sha256(root.der).hexdigest()


def test_a_cross_sign_is_a_second_edge() -> None:
    one, two = make("One", key=new_key("P-256")), make("Two", key=new_key("P-256"))
    sub = make("Sub", one, ca=True, key=new_key("P-256"))
    crossed = make("Sub", two, ca=True, key=sub.key)
    leaf = make("Leaf", sub, ca=False, key=new_key("P-256"))
    graph = build_graph(entries(one, two, sub, crossed, leaf), NOW)
    leaf_id = by_name(graph)["Leaf"].id
    upwards = [edge for edge in graph.edges if edge.lower == leaf_id]
    assert len(upwards) == 2
    assert sum(edge.main for edge in upwards) == 1


def test_cas_that_signed_each_other_make_no_circle() -> None:
    one, two = make("One", key=new_key("P-256")), make("Two", key=new_key("P-256"))
    one_by_two = make("One", two, key=one.key, ca=True)
    two_by_one = make("Two", one, key=two.key, ca=True)
    graph = build_graph(entries(one_by_two, two_by_one), NOW)
    assert sum(edge.main for edge in graph.edges) == 1
    assert not any(node.placeholder for node in graph.nodes)


def test_states_and_origin() -> None:
    root = make("Root", end=NOW + 3000 * DAY)
    soon = make("Soon", root, ca=False, end=NOW + 10 * DAY, start=NOW - 300 * DAY)
    old = make("Old", root, ca=False, start=NOW - 9 * DAY, end=NOW - DAY)
    young = make("Young", root, ca=False, start=NOW + DAY)
    everything = entries(root, soon, old, young)
    everything[1]["Source"] = "IMPORTED"
    node = by_name(build_graph([*everything, {"Certificate": b"junk"}], NOW))
    assert {name: node[name].state for name in node} == {
        "Root": "valid",
        "Soon": "expiring",
        "Old": "expired",
        "Young": "not yet valid",
    }
    assert not node["Soon"].own
    assert node["Old"].own


def test_the_true_issuer_is_found_among_many_of_its_name() -> None:
    key = new_key("P-256")
    cas = [
        make("Root", key=new_key("P-256"), identifiers=False, end=NOW + (40 + n) * DAY)
        for n in range(40)
    ]
    leaf = make("Leaf", cas[0], key=key, ca=False, identifiers=False)
    graph = build_graph(entries(*cas, leaf), NOW)
    assert [(edge.upper, edge.verified) for edge in graph.edges if edge.lower == graph.nodes[-1].id]
    assert by_name(graph)["Leaf"].issuer_id == hashlib.sha256(cas[0].der).hexdigest()
