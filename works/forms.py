"""What people may ask of the record: a search, an import."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from works.identifiers import ARXIV_ID, normalise_doi, normalise_orcid, split_arxiv
from works.names import fold

MAX_PAGE = 50
IDS_AT_ONCE = 1000
UPLOAD_LIMIT = 200 * 1024 * 1024


class SearchForm(forms.Form):
    """A search as its address says it. Nothing in it is required; nothing it holds can break a page."""

    q = forms.CharField(required=False, max_length=300)
    topic = forms.CharField(required=False, max_length=100)
    kind = forms.ChoiceField(required=False, choices=[("people", "People"), ("works", "Works")])
    page = forms.IntegerField(required=False, min_value=1, max_value=MAX_PAGE)

    def identifier(self) -> tuple[str, str] | None:
        """The identifier that was pasted instead of words: its scheme and normalised value."""
        text = self.cleaned_data.get("q", "")
        if re.search(r"(^|/|doi:\s*)10\.\d{4,9}", text, re.IGNORECASE):
            if "arxiv." in text.lower():
                return _attempt("arxiv", lambda: split_arxiv(text)[0]) or _attempt("doi", lambda: normalise_doi(text))
            return _attempt("doi", lambda: normalise_doi(text))
        if re.search(r"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx]", text):
            return _attempt("orcid", lambda: normalise_orcid(text))
        if "arxiv" in text.lower() or ARXIV_ID.fullmatch(text):
            return _attempt("arxiv", lambda: split_arxiv(text)[0])
        return None

    def words(self) -> str:
        """The text to look for; nothing where it is one plain letter, which would mean half of the record."""
        text = str(self.cleaned_data.get("q", ""))
        folded = fold(text)
        return "" if len(folded) == 1 and folded.isascii() else text

    def topic_id(self) -> str:
        """The public id at the end of the topic's slug."""
        return str(self.cleaned_data.get("topic", "")).rpartition("-")[2]


def _attempt(scheme: str, read: Any) -> tuple[str, str] | None:
    try:
        return scheme, read()
    except ValueError:
        return None


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of uploaded files, none among them."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list) else [data] if data else []
        return [super(FilesField, self).clean(item, initial) for item in given]


class ImportForm(forms.Form):
    """A request to import: from one source, by exactly one of query, identifiers, files."""

    source = forms.ChoiceField(
        choices=[("arxiv", "arXiv"), ("openalex", "OpenAlex"), ("bzpeer", "BZPEER records")],
        help_text="BZPEER records are files only: one work a line, in JSON.",
    )
    query = forms.CharField(
        required=False,
        max_length=1000,
        help_text="In the source's own words, such as cat:cs.LG AND au:liu for arXiv.",
    )
    ids = forms.CharField(
        required=False,
        label="Identifiers",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"arXiv ids, DOIs or OpenAlex ids, separated by spaces or lines; at most {IDS_AT_ONCE:,}.",
    )
    files = FilesField(  # type: ignore[assignment]  # the stubs take the form's attribute of that name for the field
        required=False, help_text="As the source gives them out, compressed (.gz) or not; at most 200 MB each."
    )

    def clean_ids(self) -> tuple[str, ...]:
        ids = tuple(dict.fromkeys(re.split(r"[\s,;]+", str(self.cleaned_data["ids"]).strip(" \n,;")))) if self.cleaned_data["ids"] else ()
        if len(ids) > IDS_AT_ONCE:
            raise forms.ValidationError(f"That is {len(ids):,} identifiers; at most {IDS_AT_ONCE:,} fit into one import.")
        return ids

    def clean_files(self) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = self.cleaned_data["files"]
        for file in files:
            if (file.size or 0) > UPLOAD_LIMIT:
                raise forms.ValidationError(f"{file.name} is larger than 200 MB: run manage.py import_works on the server instead.")
        return files

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = [name for name in ("query", "ids", "files") if data.get(name)]
        if not self.errors:
            if len(given) != 1:
                raise forms.ValidationError("Say what to import in exactly one way: a query, identifiers, or files.")
            if data["source"] == "bzpeer" and given != ["files"]:
                raise forms.ValidationError("BZPEER records come as files: choose one or more below.")
        return data
