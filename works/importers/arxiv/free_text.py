"""arXiv's author line, in the syntax that it asks of submitters: names separated by commas or "and", affiliations in brackets."""

import re

from works.importers.people import SUFFIX
from works.importers.record import ImportedAuthor

INNERMOST = re.compile(r"\([^()]*\)")
SEPARATOR = re.compile(r"\s*(?:,|;|:)\s*(?:and\s+|&\s+)?|\s+(?:and|&)\s+")
GOES_ON = re.compile(r"[\s,(]*(?:\bet\.? al\b\.?|\band others)[\s.)]*$", re.IGNORECASE)
DEEPEST_BRACKETS = 4
ENDING = 40  # characters at the end of the line in which "et al" is looked for


def authors_of_text(text: str) -> tuple[list[ImportedAuthor], bool]:
    r"""(the authors, whether the line says that there are more), without what stands in brackets.

    >>> [author.name for author in authors_of_text("Damian C. Swift (LLNL), Neal J. Evans, II and Chao-Hsi Chang (1 and 2)")[0]]
    ['Damian C. Swift', 'Neal J. Evans II', 'Chao-Hsi Chang']
    """
    bare = " ".join(text.split())
    for _ in range(DEEPEST_BRACKETS):
        bare = INNERMOST.sub(" ", bare)
    if is_cut := says_more(bare):
        bare = bare[:-ENDING] + GOES_ON.sub("", bare[-ENDING:])
    names: list[str] = []
    for part in SEPARATOR.split(bare):
        name = " ".join(part.split())
        if names and SUFFIX.fullmatch(name):
            names[-1] += f" {name}"
        elif name:
            names.append(name)
    return [ImportedAuthor(raw_name=name, name=name) for name in names], is_cut


def says_more(text: str) -> bool:
    """Whether an author line ends with "et al".

    >>> says_more("The BABAR Collaboration, B. Aubert, et al"), says_more("Al Gore")
    (True, False)
    """
    return bool(GOES_ON.search(text[-ENDING:]))
