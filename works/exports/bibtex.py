r"""BibTeX, in UTF-8: classic entry types and fields, with BibLaTeX's fields for eprints. Pure.

Everything that TeX would take for a command is escaped, mathematics stay, and capitals that a style must not lower stand in braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from works.exports.entry import Creator, Entry
from works.exports.names import one_line
from works.mathematics import as_text, parts

KINDS = {
    "book": "book", "book-chapter": "incollection", "conference-paper": "inproceedings", "dataset": "dataset", "dissertation": "phdthesis",
    "preprint": "misc", "report": "techreport", "software": "software", "other": "misc",
}  # fmt: skip
# Where the name of the source stands. An article's is its journal; a thesis's its school, or what comes nearest.
VENUES = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle", "book": "series", "phdthesis": "school"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "\xa0": "~", '"': "{\\textquotedbl}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
ESCAPES = str.maketrans(SPECIAL)
LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')|(?<=[?!])(?=`)|(?<=,)(?=,)")  # pairs of which TeX makes one sign
WORD = re.compile(r"\S+")
LONG_WORD = 4  # letters: shorter ones are small in any kind of title
OUTER = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


def write(entries: Iterable[Entry]) -> Iterator[str]:
    """Each entry as text, a blank line after it."""
    return (entry_text(entry) for entry in entries)


def note(text: str) -> str:
    """What stands outside of entries is a comment."""
    return f"% {one_line(text).replace('@', '(at)')}\n\n"


def entry_text(entry: Entry) -> str:
    kind = KINDS.get(entry.type, "article")
    lines = [f"  {name} = {value}," for name, value in fields(entry, kind) if value not in {"", "{}"}]
    return "\n".join([f"@{kind}{{{entry.key},", *lines, "}\n\n"])


def fields(entry: Entry, kind: str) -> Iterator[tuple[str, str]]:
    arxiv = entry.identifier("arxiv")
    yield "author", f"{{{' and '.join([*map(name_text, entry.authors), *(['others'] if entry.is_byline_cut else [])])}}}"
    yield "title", f"{{{title_text(entry.title)}}}"
    yield VENUES.get(kind, "institution" if kind == "techreport" else "howpublished"), f"{{{venue(entry, kind)}}}"
    yield "volume", f"{{{escaped(entry.volume)}}}"
    yield "number", f"{{{escaped(entry.issue)}}}"
    yield "pages", f"{{{escaped(entry.pages).replace('-', '--')}}}"
    yield "publisher", f"{{{protected(entry.publisher)}}}"
    yield "year", f"{{{entry.year or ''}}}"
    if entry.day:
        yield "month", MONTHS[entry.day.month - 1]
        yield "day", f"{{{entry.day.day}}}"
    yield "doi", f"{{{verbatim(entry.identifier('doi'))}}}"
    if arxiv:
        yield "eprint", f"{{{verbatim(arxiv)}}}"
        yield "archiveprefix", "{arXiv}"
        yield "primaryclass", f"{{{verbatim(entry.arxiv_class)}}}"
    yield "pmid", f"{{{verbatim(entry.identifier('pmid'))}}}"
    yield "pmcid", f"{{{verbatim(entry.identifier('pmcid'))}}}"
    yield "isbn", f"{{{verbatim(entry.identifier('isbn') if kind == 'book' else '')}}}"
    yield "url", f"{{{verbatim(entry.link)}}}"
    yield "langid", f"{{{escaped(entry.language)}}}"
    yield "note", f"{{{'. '.join(filter(None, (entry.remark, 'Preprint' if entry.type == 'preprint' else '')))}}}"


def venue(entry: Entry, kind: str) -> str:
    """The source by name; nothing for what stands on arXiv, which the eprint says."""
    if entry.type == "preprint" and entry.identifier("arxiv") and entry.source.lower() == "arxiv":
        return ""
    return protected(entry.source) if kind in {"phdthesis", "techreport", "misc", "dataset", "software"} else escaped(entry.source)


def name_text(creator: Creator) -> str:
    """ "von Last, Jr., First"; a group in braces, so that it stays whole.

    >>> name_text(Creator(name="Jan van der Berg Jr.")), name_text(Creator(name="The R & D Team", is_person=False))
    ('van der Berg, Jr., Jan', '{The R \\\\& D Team}')
    """
    name = one_line(creator.name)
    if not creator.is_person:
        return f"{{{escaped(name)}}}"
    its = creator.parts
    if not its.given:
        return f"{{{escaped(name)}}}" if " " in name or name.casefold() in {"and", "others"} else escaped(name)
    told = [whole(its.whole_family), whole(its.suffix), whole(its.given)]
    return ", ".join(part for part in told if part)


def whole(text: str) -> str:
    """Part of a name, in braces where BibTeX would read an "and" in it as the end of the name."""
    return f"{{{escaped(text)}}}" if "and" in text.casefold().split() else escaped(text)


def title_text(title: str) -> str:
    r"""
    >>> title_text("A study of $B^0\\to K$ in the ATLAS detector: 5 % & more"), title_text("Deep Residual Learning for ImageNet")
    ('A study of $B^0\\to K$ in the {ATLAS} detector: 5 \\% \\& more', 'Deep Residual Learning for {ImageNet}')
    """
    has_tex = "$" in title or "\\" in title
    pieces = list(parts(title)) if has_tex else [(title, False, False)]
    is_sentence = is_sentence_case("".join(piece for piece, is_formula, _ in pieces if not is_formula))
    text, begins = "", True
    for piece, is_formula, _ in pieces:
        if is_formula and is_balanced(piece):
            text += f"${one_line(piece)}$"
        else:
            text += protected(as_text(piece) if has_tex and not is_formula else piece, is_sentence=is_sentence, begins=begins)
        begins = False
    return one_line(text)


def is_balanced(formula: str) -> bool:
    """Whether the braces of a formula close each other as BibTeX counts them, which does not look at backslashes."""
    depth = 0
    for sign in re.findall(r"[{}]", formula):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and "$" not in formula.replace(r"\$", "") and not formula.endswith("\\")


def is_sentence_case(text: str) -> bool:
    """Whether capitals say something in this title: most of its longer words, after the first, begin small."""
    words = [word for word in re.findall(r"[^\W\d_]+", text)[1:] if len(word) >= LONG_WORD]
    small = [word for word in words if word[0].islower()]
    return len(small) * 2 > len(words)


def protected(text: str, *, is_sentence: bool = False, begins: bool = True) -> str:
    """`text` for TeX, with braces around the words whose capitals must stay: those with a capital inside; in a title whose words are small
    otherwise, every capitalised word but the first of a sentence."""
    out, last, starts = [], 0, begins
    for found in WORD.finditer(text.replace("\xa0", "\u2007")):
        word = found.group().replace("\u2007", "\xa0")
        out.append(re.sub(r"\s", " ", text[last : found.start()]))
        out.append(in_braces(word) if must_stay(word, is_sentence=is_sentence and not starts) else for_tex(word))
        last, starts = found.end(), word.endswith((":", ".", "?", "!"))
    return "".join([*out, re.sub(r"\s", " ", text[last:])])


def must_stay(word: str, *, is_sentence: bool) -> bool:
    bare = re.sub(r"^\W+", "", word)
    inner = any(letter.isupper() for part in re.split(r"[-‐–—/]", bare) for letter in part[1:])
    return bool(inner or (is_sentence and bare[:1].isupper()))


def in_braces(word: str) -> str:
    """The word in braces, without the signs around it."""
    found = OUTER.match(word)
    before, inner, after = found.groups() if found else ("", word, "")
    return f"{for_tex(before)}{{{for_tex(inner)}}}{for_tex(after)}"


def escaped(text: str) -> str:
    return for_tex(one_line(text.replace("\xa0", "\u2007")).replace("\u2007", "\xa0"))


def for_tex(text: str) -> str:
    """`text` as TeX sets it sign by sign."""
    return "{}".join(part.translate(ESCAPES) for part in LIGATURES.split(text))


def verbatim(value: str) -> str:
    """An identifier or an address: BibLaTeX and the usual styles read it as it stands, but for what would end the field."""
    return re.sub(r"[{}\\\s]", lambda found: f"%{ord(found[0]):02X}", value)
