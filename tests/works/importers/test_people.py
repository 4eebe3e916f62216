"""Names in clean Unicode, and who is a person. Every example is from a real record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from works.importers.people import byline, clean_name, is_group
from works.importers.record import ImportedAuthor

NAMES = {
    r"C. Bal\'azs": "C. Balázs",
    r"Bro\v{n}a Brejov\'a": "Broňa Brejová",
    r"Mikkel {\O}bro": "Mikkel Øbro",
    r"Jos\'{e} M. F.  Moura": "José M. F. Moura",
    r"Jo\~{a}o  P. Costeira": "João P. Costeira",
    'Dagmar Kainm"uller': "Dagmar Kainmüller",
    r"Clémen\ccon": "Clémençon",
    r"I. Csisz\'ar": "I. Csiszár",
    r"Csisz\'{a}r{\L}": "CsiszárŁ",
    "J.~P. Serre": "J. P. Serre",
    "Hal DaumÃ© III": "Hal Daumé III",
    "BÃ©atrice Laurent": "Béatrice Laurent",
    "Dirk WÃ¼bben": "Dirk Wübben",
    "Oliver WeiÃ\x9fl": "Oliver Weißl",
    "David Martı\u0301nez-Rubio": "David Martínez-Rubio",
    "Martı\u0301n López-Garcı\u0301a": "Martín López-García",
    "Uluc\u0323 Saranlı": "Uluc\u0323 Saranlı",
    "Michal\xa0Rolínek": "Michal Rolínek",
    "Gordon\xa0C. Rausser": "Gordon C. Rausser",
    "MIGUEL MARTÍNEZ\u2010RAMOS": "MIGUEL MARTÍNEZ-RAMOS",
    "Simon Lacoste\u2013Julien": "Simon Lacoste-Julien",
    "Jose\u0301": "José",
    "江常皓": "江常皓",
    "Vladimir I. Fal'ko": "Vladimir I. Fal'ko",
    "Sean O'Brien": "Sean O'Brien",
    'William "Bill" Freeman': 'William "Bill" Freeman',
    "Ann\x00\ud800 Lee,": "Ann Lee",
}


@pytest.mark.parametrize(("raw", "clean"), NAMES.items())
def test_names_in_clean_unicode(raw: str, clean: str):
    assert clean_name(raw) == clean
    assert clean_name(clean) == clean


@given(st.one_of(st.text(st.characters(exclude_categories=[]), max_size=80), st.text("\\{}$'\"^~cvH aeiouÃ¼%&#_", max_size=80)))
def test_any_text_gives_a_name_that_can_be_stored(raw: str):
    name = clean_name(raw)
    name.encode()
    assert "\0" not in name
    assert "\n" not in name


def test_deep_or_endless_tex_does_no_harm():
    assert clean_name("{" * 200) is not None
    assert clean_name("\\'" * 100_000).startswith("\\'")


GROUPS = [
    "The BABAR Collaboration",
    "Super-Kamiokande Collaboration",
    "Hyper-K collaborations",
    "BICEP2 Collaborations",
    "JLQCD Collaboration",
    "Team Seedance",
    "Kimi Team",
    "Meituan LongCat Team",
    "NVIDIA",
    "DeepSeek-AI",
    "Architecture Committee",
    "Canada",
    "Geological Survey of Canada",
    "School of Medicine, Tehran University of Medical Sciences, Tehran, Iran",
    "The Lancet",
    "LaTeX3 Project Team",
    "Anonymous",
    "authors",
    "withdrawn.",
    "Jr.",
    "Alzheimer's Disease Neuroimaging Initiative",
]
PERSONS = [
    "Mausam",
    "Mamta",
    "Govind",
    "Budiono",
    "Zhaxizhuoma",
    "qiang",
    "江常皓",
    "The Anh Han",
    "Boxiao Liu",
    "V. M. Biryukov",
    "R. W. IV",
    "G. A. El",
    "Robert P. C. de Marrais",
    "Guillaume de l'Hôpital",
    "Xiaoyuan Team-Smith",
    "Cern Li",
    "Tiago de Miranda Fragoso",
]


@pytest.mark.parametrize("name", GROUPS)
def test_groups(name: str):
    assert is_group(name)


@pytest.mark.parametrize("name", PERSONS)
def test_persons_whatever_their_name(name: str):
    assert not is_group(name)


def read(*names: str) -> tuple[list[tuple[str, bool]], bool, int]:
    authors, is_cut, nameless = byline(ImportedAuthor(raw_name=name, name=name) for name in names)
    return [(author.name, author.is_person) for author in authors], is_cut, nameless


def test_a_colon_says_that_groups_stand_before_it():
    assert read("Keck Array", "BICEP2 Collaborations", ":", "P. Ade") == (
        [("Keck Array", False), ("BICEP2 Collaborations", False), ("P. Ade", True)], False, 0
    )  # fmt: skip
    assert read("Jane Roe", ":", "P. Ade")[0] == [("Jane Roe", True), ("P. Ade", True)]


def test_et_al_is_nobody_and_says_that_the_byline_goes_on():
    assert read("The BABAR Collaboration", "B. Aubert", "et al") == ([("The BABAR Collaboration", False), ("B. Aubert", True)], True, 0)
    assert read("B. Aubert", "and others")[1] is True


def test_a_speaker_for_a_group_is_a_person():
    assert read("Teresa Maria Montaruli for the IceCube Collaboration")[0] == [("Teresa Maria Montaruli", True)]
    assert read("for the DES Collaboration")[0] == [("DES Collaboration", False)]


def test_empty_names_are_counted():
    assert read("", " ", ".", "Mausam") == ([("Mausam", True)], False, 3)
