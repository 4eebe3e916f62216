"""The public record as files and back: the same lines again, nothing private, all or nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from django.core.management import CommandError, call_command
from django.db import connection

from profiles.actions.profiles import add_other_name, choose_name, describe_oneself
from profiles.models import Follow
from tests.factories.claims import claimed, make_person
from tests.factories.people import make_user
from tests.factories.verified import bring_in, person, printed, record, settle
from works.actions.dumps import dump_record, restore_record
from works.actions.dumps.contents import CONTENTS
from works.actions.journal import Actor
from works.actions.search import index_names, index_titles
from works.actions.shelves import shelve
from works.actions.suppressions import suppress_author
from works.models import (
    Affiliation,
    Author,
    AuthorIdentifier,
    FormerId,
    Institution,
    InstitutionName,
    InstitutionRelation,
    Notice,
    Reference,
    ShelvedPerson,
    Source,
    StaleName,
    Topic,
    Work,
)
from works.models.decision import Role
from works.models.finding import find_people, find_works

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = ("ada@mail.example", "reader@secret.example", "walker@secret.example", "wei@phys.example.edu", "Byron", "byron", "Engines")


@pytest.fixture
def told(redis) -> None:
    """A record with everything that a dump holds, and with everything that it must not."""
    first = record(
        "Notes on $x^2$ engines",
        [printed("Ada Byron", ror="02mhbdp94", orcid="0000-0002-1825-0097"), {"raw_name": "Babbage, C.", "name": "C. Babbage"}],
        abstract="On the analytical engine.\u2028It weaves.",
        source={"name": "arXiv", "kind": "repository"},
        topics=2,
    )
    known, unknown = first["identifiers"][0], ["doi", "10.1000/none"]
    second = record("Of mills", [printed("Ada Byron", ror="02mhbdp94")], references=[known, unknown], topics=1)
    bring_in(first, second, record("A quiet life", [{"raw_name": "Hidden Person", "name": "Hidden Person"}], year=None, published_on=""))
    settle()
    ada, owner = person("Ada Byron"), make_person("ada")
    claimed(ada, by=owner, approved_by=make_user("walker@secret.example", is_staff=True))
    choose_name(name="Ada Lovelace", by=owner)
    add_other_name(name="Ada King", is_public=True, by=owner)
    describe_oneself(headline="Engines", biography="", topics=[], is_open_to_collaborate=None, hidden=[], by=owner)
    Follow.objects.create(user=make_user("reader@secret.example"), author=ada)
    Affiliation.objects.update(raw="Department of Physics; wei@phys.example.edu")
    AuthorIdentifier.objects.create(author=ada, scheme="openreview", value="wei@phys.example.edu")
    suppress_author(author_id=person("Hidden Person").pk, by=Actor(account=1, role=Role.STAFF))
    Author.objects.create(public_id="0000000a", name="A. Byron", name_key="a byron", merged_into=ada)
    Work.objects.create(public_id="0000000b", title="Old", title_key="old", title_hash=0, type="other", merged_into=Work.objects.first())
    institution = Institution.objects.get()
    FormerId.objects.create(public_id="0000000c", kind="institution", subject=institution.pk)
    InstitutionName.objects.create(institution=institution, registry="ror", kind="alias", name="U. of Lhasa", name_key="u of lhasa")
    InstitutionRelation.objects.create(institution=institution, registry="ror", kind="parent", scheme="ror", value="00hx57361")
    erratum = {"notice_scheme": "doi", "notice_value": "10.1/n", "title": "Erratum"}
    Notice.objects.create(registry="crossref", key="n", kind="corrects", scheme="arxiv", value="1", **erratum)


def lines_of(folder: Path, name: str) -> list[dict[str, Any]]:
    with (folder / f"{name}.jsonl.zst").open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
        return [orjson.loads(line) for line in plain.read().split(b"\n") if line]


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def empty() -> None:
    call_command("flush", interactive=False, verbosity=0)


def test_a_dump_is_restored_and_dumped_again_to_the_same_bytes(told, tmp_path):
    first, second = tmp_path / "first", tmp_path / "deep" / "second"
    manifest = dump_record(first)
    assert {file["name"].partition(".")[0]: file["rows"] for file in manifest["files"]} == {
        "sources": 1,
        "topics": 2,
        "institutions": 1,
        "authors": 2,
        "works": 3,
        "references": 1,
        "notices": 1,
        "redirects": 3,
    }
    assert manifest == manifest_of(first)
    ids = list(Work.objects.order_by("pk").values_list("public_id", flat=True))
    pages = {(author.public_id, author.works_count, str(author.summary["years"])) for author in Author.objects.with_works()}
    cards = dict(Work.objects.standing().values_list("public_id", "card"))
    empty()
    assert restore_record(first) is True
    assert list(Work.objects.order_by("pk").values_list("public_id", flat=True)) == ids
    assert {(author.public_id, author.works_count, str(author.summary["years"])) for author in Author.objects.with_works()} == pages
    restored = dict(Work.objects.standing().values_list("public_id", "card"))
    for card in (*cards.values(), *restored.values()):
        card["identifiers"].sort()
    assert restored == cards
    assert Reference.objects.get(scheme="arxiv").cited == Work.objects.standing().get(title__startswith="Notes")
    dump_record(second)
    for file in manifest["files"]:
        assert (first / file["name"]).read_bytes() == (second / file["name"]).read_bytes(), file["name"]
    again = manifest_of(second)
    assert again["built_at"] > manifest["built_at"]
    assert again | {"built_at": manifest["built_at"]} == manifest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "first"]


def test_what_is_restored_is_searched_shelved_and_counted_by_workers(told, tmp_path):
    dump_record(tmp_path / "dump")
    empty()
    restore_record(tmp_path / "dump")
    assert StaleName.objects.count() == 2
    while index_names() + index_titles() + shelve():
        pass
    settle()
    ada = Author.objects.standing().get(name="Ada Lovelace")
    assert find_people("ada king").ids == (ada.pk,)
    assert find_works("engines").ids == (Work.objects.standing().get(title__startswith="Notes").pk,)
    assert ShelvedPerson.objects.filter(author=ada, shelf__kind="topic").count() == 2
    assert ada.neighbourhood.collaborators_count == 1
    assert ada.trust.level == 0


def test_nothing_private_is_in_a_dump(told, tmp_path):
    dump_record(tmp_path / "dump")
    written = [lines_of(tmp_path / "dump", content.name) for content in CONTENTS]
    text = json.dumps([written, manifest_of(tmp_path / "dump")], ensure_ascii=False)
    # The suppressed person's name stays where it was printed, with nobody behind it.
    works = {work["title"]: work for work in lines_of(tmp_path / "dump", "works")}
    [place] = works["A quiet life"]["authorships"]
    assert (place["author"], place["name"]) == (None, "Hidden Person")
    assert [secret for secret in SECRETS if secret in text.replace(place["name"], "").replace('"A. Byron"', "")] == []
    assert "@" not in text
    assert {author["name"] for author in lines_of(tmp_path / "dump", "authors")} == {"Ada Lovelace", "C. Babbage"}
    assert [place["name"] for place in works["Notes on $x^2$ engines"]["authorships"]] == ["Ada Lovelace", "C. Babbage"]
    assert works["Of mills"]["authorships"][0]["affiliations"][0]["raw"] == "Department of Physics"


def test_a_dump_is_whole_or_not_there(told, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(CommandError, match="there already"):
        call_command("dump_record", str(tmp_path / "there"))

    def interrupted(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dump_record(tmp_path / "dump", told=interrupted)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_dump_is_of_one_moment(told, tmp_path):
    """What is committed while it is written is not in it."""
    from threading import Thread

    def meanwhile(file: Any) -> None:
        if file.name.startswith("sources"):
            thread = Thread(target=add_topic)
            thread.start()
            thread.join()

    def add_topic() -> None:
        Topic.objects.create(public_id="0000000t", scheme="keyword", code="late", label="Late")
        connection.close()

    dump_record(tmp_path / "dump", told=meanwhile)
    assert Topic.objects.filter(code="late").exists()
    assert [topic["code"] for topic in lines_of(tmp_path / "dump", "topics")] == ["t0", "t1"]


def test_restoring_twice_changes_nothing_and_over_another_record_is_refused(told, tmp_path, capsys):
    dump_record(tmp_path / "dump")
    call_command("restore_record", str(tmp_path / "dump"))  # it is what this database holds
    assert "holds just this record already" in capsys.readouterr().out
    empty()
    call_command("restore_record", str(tmp_path / "dump"))
    before = Work.objects.count()
    call_command("restore_record", str(tmp_path / "dump"))
    assert capsys.readouterr().out.count("Restored.") == 1
    assert Work.objects.count() == before
    Source.objects.create(public_id="0000000s", name="Another", name_key="another", kind="journal")
    with pytest.raises(CommandError, match="not empty, and holds another record"):
        call_command("restore_record", str(tmp_path / "dump"))


def test_a_dump_that_was_changed_or_cut_is_refused_and_leaves_nothing(told, tmp_path):
    whole = tmp_path / "dump"
    dump_record(whole)
    empty()

    def refused(folder: str, match: str) -> None:
        with pytest.raises(CommandError, match=match):
            call_command("restore_record", str(tmp_path / folder))
        assert not Author.objects.exists()
        assert not Source.objects.exists()

    def changed(name: str) -> Any:
        copy = tmp_path / name
        shutil.copytree(whole, copy)
        return copy

    refused("nowhere", "no manifest.json")
    (changed("cut") / "works.jsonl.zst").write_bytes((whole / "works.jsonl.zst").read_bytes()[:-9])
    refused("cut", "not the file that was written")
    (changed("missing") / "topics.jsonl.zst").unlink()
    refused("missing", "cannot be read")
    other = manifest_of(whole) | {"version": 2}
    (changed("newer") / "manifest.json").write_text(json.dumps(other))
    refused("newer", "of version 2")
    other = manifest_of(whole)
    other["files"][0]["name"] = "../../elsewhere"
    (changed("led-astray") / "manifest.json").write_text(json.dumps(other))
    refused("led-astray", "names other files")
    (changed("garbled") / "manifest.json").write_text("{")
    refused("garbled", "cannot be read")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("works", lambda line: line.pop("title")),
        ("works", lambda line: line.update(year=9999)),
        ("works", lambda line: line.update(source="zzzzzzzz")),
        ("works", lambda line: line["authorships"].append(line["authorships"][0])),
        ("authors", lambda line: line.update(recorded_at="yesterday")),
        ("references", lambda line: line.update(references=[["doi"]])),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_place(name, wrong, told, tmp_path):
    """Of a dump whose hashes hold: somebody made it by hand."""
    import hashlib

    folder = tmp_path / "dump"
    manifest = dump_record(folder)
    lines = lines_of(folder, name)
    wrong(lines[0])
    packed = zstandard.compress(b"\n".join(map(orjson.dumps, lines)))
    (folder / f"{name}.jsonl.zst").write_bytes(packed)
    next(file for file in manifest["files"] if file["name"].startswith(name))["sha256"] = hashlib.sha256(packed).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    empty()
    with pytest.raises(CommandError, match=f"{name}: among the lines after 0"):
        call_command("restore_record", str(folder))
    assert not Source.objects.exists()
