"""BibTeX and BibLaTeX: the files that people keep and pass on. What they say, somebody typed or a program exported: nobody answers for it.

Read by the rules of BibTeX 0.99 (btxdoc, O. Patashnik) and the BibLaTeX manual, and forgiving where programs that write such files are not
strict themselves.
"""

from works.importers.bibtex.formats import parse

__all__ = ["parse"]
