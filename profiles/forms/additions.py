"""What owners type or hand in to add works: identifiers, or a file."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from django import forms

from works.identifiers import normalise_doi, normalise_orcid, split_arxiv

MOST_IDS = 20
MOST_BYTES = 1024 * 1024
ENDINGS = {".bib": "bibtex", ".bibtex": "bibtex", ".ris": "ris", ".json": "csl"}
READERS = {"orcid": normalise_orcid, "arxiv": lambda text: split_arxiv(text)[0], "doi": normalise_doi}
REGISTRIES = {"orcid": "orcid", "arxiv": "arxiv", "doi": "crossref"}


def scheme_of(text: str) -> tuple[str, str]:
    """The scheme and normalised value of an identifier; ValidationError where it is none of the three."""
    for scheme, read in READERS.items():
        try:
            return scheme, read(text)
        except ValueError:
            continue
    raise forms.ValidationError(f"“{text[:60]}” is no DOI, arXiv id or ORCID iD.")


class IdentifiersForm(forms.Form):
    """Identifiers of one kind."""

    ids = forms.CharField(
        label="Identifiers",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"DOIs, arXiv ids, or an ORCID iD for all works there; one kind at a time, at most {MOST_IDS}.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = [scheme_of(text) for text in dict.fromkeys(re.split(r"[\s,;]+", data.get("ids", "").strip(" \n,;"))) if text]
        schemes = {scheme for scheme, _ in found}
        if len(schemes) > 1:
            raise forms.ValidationError("These are identifiers of different kinds: add them one kind at a time.")
        if len(found) > MOST_IDS:
            raise forms.ValidationError(f"That is {len(found)} identifiers; at most {MOST_IDS} at a time.")
        if found:
            data |= {"source": REGISTRIES[schemes.pop()], "values": [value for _, value in found]}
        return data


class FileForm(forms.Form):
    """A file of a reference manager."""

    file = forms.FileField(label="File", help_text="BibTeX (.bib), RIS (.ris) or CSL-JSON (.json), at most 1 MB and 200 works.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if file := data.get("file"):
            data["source"] = ENDINGS.get(PurePath(file.name or "").suffix.lower())
            if data["source"] is None:
                raise forms.ValidationError("The name of the file has to end in .bib, .ris or .json: that tells what it is.")
            if (file.size or 0) > MOST_BYTES:
                raise forms.ValidationError("The file is larger than 1 MB. Divide it.")
        return data
