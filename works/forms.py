"""What people may ask of the record: a search, an import."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.files.uploadedfile import UploadedFile

from works.identifiers import ARXIV_ID, normalise, normalise_doi, normalise_orcid, split_arxiv
from works.importers.sources import LABELS, is_live
from works.models import Author, Correction, Work
from works.names import fold

MAX_PAGE = 50
KINDS = ("people", "works", "topics", "institutions", "sources")
IDS_AT_ONCE = 1000
UPLOAD_LIMIT = 200 * 1024 * 1024

# How identifiers are pasted that no words look like; DOIs, arXiv ids and ORCID iDs are told by SearchForm itself.
PASTED = {
    "ror": re.compile(r"(?:https?://)?(?:ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})/?", re.IGNORECASE),
    "openalex": re.compile(r"(?:https?://)?(?:(?:api\.)?openalex\.org/(?:[a-z]+/)?)?([WAIS]\d{4,})/?", re.IGNORECASE),
    "pmid": re.compile(r"(?:pmid:?\s*|(?:https?://)?pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})/?", re.IGNORECASE),
    "pmcid": re.compile(r"(?:(?:https?://)?[a-z.]*ncbi\.nlm\.nih\.gov/(?:pmc/)?(?:articles/)?)?(PMC\d{1,9})/?", re.IGNORECASE),
    "acl": re.compile(
        r"(?:(?:https?://)?(?:www\.)?aclanthology\.org/)?([A-Z]\d{2}-\d{4}|\d{4}\.[a-z0-9_]+-[a-z0-9]+\.\d+)(?:\.pdf|\.bib)?/?"
    ),
}
PASTED_ORCID = re.compile(r"(?:https?://)?(?:www\.)?(?:orcid\.org/)?\d{4}-\d{4}-\d{4}-\d{3}[\dXx]/?")


class SearchForm(forms.Form):
    """A search as its address says it. Nothing in it is required; nothing it holds can break a page."""

    q = forms.CharField(required=False, max_length=300)
    kind = forms.ChoiceField(required=False, choices=[(kind, kind.capitalize()) for kind in KINDS])
    topic = forms.CharField(required=False, max_length=100)
    institution = forms.CharField(required=False, max_length=100)
    source = forms.CharField(required=False, max_length=100)
    year = forms.IntegerField(required=False, min_value=1000, max_value=2999)
    type = forms.ChoiceField(required=False, choices=Work.Type.choices)
    registry = forms.ChoiceField(required=False, choices=list(LABELS.items()))
    claimed = forms.ChoiceField(required=False, choices=[("yes", "Claimed"), ("no", "Not claimed yet")])
    band = forms.RegexField("^[a-z]{1,12}$", required=False)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in ("newest", "oldest", "works", "cited")])
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
        for scheme, form in PASTED.items():
            if found := form.fullmatch(text):
                return _attempt(scheme, lambda scheme=scheme, value=found[1]: normalise(scheme, value))
        return None

    def problem(self) -> str:
        """What is wrong with an ORCID iD that was pasted, such as a mistyped digit; nothing otherwise."""
        text = self.cleaned_data.get("q", "")
        if PASTED_ORCID.fullmatch(text):
            try:
                normalise_orcid(text)
            except ValueError as wrong:
                return str(wrong)
        return ""

    def words(self) -> str:
        """The text to look for; nothing where it is one plain letter, which would mean half of the record."""
        text = str(self.cleaned_data.get("q", ""))
        folded = fold(text)
        return "" if len(folded) == 1 and folded.isascii() else text

    def id_of(self, name: str) -> str:
        """The public id at the end of the slug of a topic, an institution or a source; "" where none was given."""
        return str(self.cleaned_data.get(name, "")).rpartition("-")[2]

    def state(self) -> dict[str, str]:
        """What was asked for, as an address says it, without the page."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value and name != "page"}


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
        choices=list(LABELS.items()),
        help_text="Which of them read files only, docs/importing.md tells; BZPEER records are one work a line, in JSON.",
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
        help_text=f"In the source's own form (arXiv ids, DOIs, …), separated by spaces or lines; at most {IDS_AT_ONCE:,}.",
    )
    files = FilesField(  # type: ignore[assignment]  # the stubs take the form's attribute of that name for the field
        required=False, help_text="As the source gives them out, compressed (.gz, .zst) or not; at most 200 MB each."
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
            if not is_live(data["source"]) and given != ["files"]:
                raise forms.ValidationError(f"{LABELS[data['source']]} can be imported from files only: choose one or more below.")
        return data


def party_at(text: str) -> Author | Work:
    """The author or work that an address, or the id at its end, names; one that was merged stands for its winner."""
    path = urlsplit(text.strip()).path.strip("/").split("/")
    opaque = path[-1].rpartition("-")[2] if path[0] != "works" else path[-1]
    if not opaque.isalnum():
        raise forms.ValidationError("That is no address of an author or a work here.")
    models = (Work, Author) if path[0] == "works" else (Author, Work)
    for model in models:
        if found := model._default_manager.select_related("merged_into").filter(public_id=opaque).first():  # noqa: SLF001
            return found.merged_into or found
    raise forms.ValidationError("Nobody and nothing in the record has this address.")


class PartyField(forms.CharField):
    """An author or a work by its address."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return party_at(text) if text else None


class MergeForm(forms.Form):
    """Two records of one kind, and why they are one."""

    winner = PartyField(label="Stays", max_length=500, help_text="The address of the researcher or work page that stays.")
    loser = PartyField(label="Becomes a redirect", max_length=500, help_text="The address of the page that will lead to the first one.")
    reason = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept in the journal.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("winner") and data.get("loser") and type(data["winner"]) is not type(data["loser"]):
            raise forms.ValidationError("One address is a researcher's and one a work's: only two of a kind can be merged.")
        return data


class SplitForm(forms.Form):
    """What goes to the new record, and why."""

    chosen = forms.MultipleChoiceField(required=False)
    reason = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept in the journal.")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = choices  # type: ignore[attr-defined]

    def clean_chosen(self) -> list[int]:
        return [int(value) for value in self.cleaned_data["chosen"]]


class CorrectionForm(forms.Form):
    """What is wrong with an attribution."""

    kind = forms.ChoiceField(label="What is wrong?", choices=Correction.Kind.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label="How do you know?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="A link to the right person's page or to the work helps most. Whoever decides reads it; it is not published.",
    )


class AnswerForm(forms.Form):
    """An answer to a reader's correction; whose the place is instead, where that is known."""

    to = PartyField(label="Whose it is instead", required=False, max_length=500, help_text="An address; empty: a new author of the name.")
    answer = forms.CharField(label="Note", required=False, max_length=2000)

    def clean_to(self) -> Author | None:
        to: Author | Work | None = self.cleaned_data["to"]
        if isinstance(to, Work):
            raise forms.ValidationError("The address is a work's; a place in a byline is given to a person.")
        return to
