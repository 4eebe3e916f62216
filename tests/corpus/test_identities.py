"""What matching is judged by: ids that a platform split are mended where a co-author or an affiliation says so, and nowhere else."""

from tests.corpus.identities import Place, identities, mend
from works.matching import Signature
from works.names import parse_name


def place(number: int, true: str, *, coauthors: str = "", at: str = "") -> Place:
    others = {parse_name(other).block: other for other in coauthors.split(", ") if other}
    lines = (frozenset(at.split()),) if at else ()
    return Place(
        Signature(id=number, work=number, name=parse_name("Wei Wang"), coauthors=others, affiliations=lines), "Wei Wang", "IEEE", true
    )


def test_a_chain_of_shared_evidence_makes_ids_one_persons():
    places = [
        place(1, "a", coauthors="ada lovelace"),
        place(2, "b", coauthors="emmy noether", at="turin polytechnic"),
        place(3, "c", coauthors="a lovelace", at="erlangen university"),
        place(4, "d", coauthors="ada lovelace, emmy noether"),
    ]
    mend(places)
    one, bridged, apart, bridge = (its.mended for its in places)
    assert one == bridged == bridge != apart
    assert [its.true for its in places] == ["a", "b", "c", "d"]


def test_ids_are_laid_beside_a_byline_that_is_printed_twice():
    row = {"author": "Ada Lovelace; Emmy Noether; Ada Lovelace; Emmy Noether", "authorids": "1; 2; 1; 2"}
    assert identities(row, "icra", 2) == ["1", "2"]
    assert identities({**row, "authorids": "1; 2; 3"}, "icra", 2) == ["", ""]
    assert identities({**row, "authorids": "a@b.org; ~Emmy_Noether1; ;"}, "corl", 2) == ["", "~Emmy_Noether1"]
    assert identities(row, "cvpr", 2) == ["", ""]
