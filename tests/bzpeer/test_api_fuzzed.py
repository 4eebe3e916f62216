"""The API tried by its own description: whatever the description allows or forbids is answered as it says, and nothing crashes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS

from bzpeer.api.description import description, operations_of
from bzpeer.api.urls import urlpatterns
from graph.actions.builds import build
from graph.actions.slices import request_slice
from graph.models import KIND_OF
from profiles.actions.tokens import create_token
from profiles.models.token import Scope
from tests.factories.people import make_user
from tests.factories.verified import bring_in, printed, record, settle
from works.actions.search import rebuild_search
from works.actions.shelves import rebuild_shelves
from works.api.reading import filter_names
from works.models import Author, ImportRun, Institution, Source, Topic, Work

pytestmark = pytest.mark.django_db

VIEWS = {pattern.name: getattr(pattern.callback, "view_class", None) for pattern in urlpatterns}
EXAMPLES = 10  # of each operation for each of those who ask


@pytest.fixture
def known(redis, settings) -> Iterator[dict[str, Any]]:
    """A small record, and an id of everything by the name of the parameter that takes it."""
    settings.API_VISITORS_A_MINUTE = settings.API_ACCOUNTS_A_MINUTE = 1_000_000
    settings.ALLOWED_HOSTS = ["*"]
    first = record("Notes on $x^2$ engines", [printed("Ada Lovelace", ror="02mhbdp94"), {"raw_name": "C. Babbage", "name": "C. Babbage"}])
    second = record(
        "Of mills",
        [printed("Ada Lovelace", ror="02mhbdp94")],
        references=[first["identifiers"][0]],
        source={"name": "Journal of Mills", "kind": "journal"},
    )
    bring_in(first, second)
    settle()
    rebuild_shelves()
    rebuild_search()
    author, work = Author.objects.get(name="Ada Lovelace"), Work.objects.get(title="Of mills")
    for subject in (author, work):
        request_slice(subject)
        build(kind=KIND_OF[type(subject)], subject_id=subject.pk)
    run = ImportRun.objects.create(source="arxiv", request={"files": [], "ids": [], "query": "q"}, fingerprint="x")
    # As Django's own test client does: the connection is the test's, and no request closes it.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield {
        "id": run.pk,
        "author": author.public_id,
        "from": author.public_id,
        "to": Author.objects.get(name="C. Babbage").public_id,
        "work": work.public_id,
        "topic": Topic.objects.get().public_id,
        "institution": Institution.objects.get().public_id,
        "source": Source.objects.get().public_id,
    }
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.parametrize("asks", ["anybody", "token"])
def test_every_operation_answers_as_it_is_described(asks, known):
    schema = schemathesis.openapi.from_dict(description())
    schema.app = get_wsgi_application()
    headers = {"Accept-Encoding": "identity"}
    if asks == "token":
        token = create_token(name="all", scopes=Scope.values, by=make_user("walker@example.org", is_staff=True))[1]
        headers["Authorization"] = f"Bearer {token}"
    for path, method, _ in operations_of(description()):
        try_operation(schema[path][method], known, headers)


def try_operation(operation: Any, known: dict[str, Any], headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=bool(os.environ.get("CI")),
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation, known))
    def tried(case):
        case.call_and_validate(headers=headers, excluded_checks=excluded(case))

    tried()


def excluded(case: Case) -> list[Any]:
    """Checks that ask for more than the description can say: chosen fields leave required ones out, and an import is asked for in exactly
    one of two ways. Which tokens are refused is tried elsewhere: here the token is added to whatever was made up."""
    names = ["ignored_auth"]
    names += ["response_schema_conformance"] if "fields" in (case.query or {}) else []
    names += ["positive_data_acceptance"] if case.method == "POST" else []
    return CHECKS.get_by_names(names)


def cases(operation: Any, known: dict[str, Any]) -> Any:
    """What the description allows, and what it forbids; with ids that are there, and with others."""
    kind = operation.path.removeprefix("/api/v1/").partition("/")[0].removesuffix("s")
    filters = set(filter_names(VIEWS.get(operation.definition.raw["operationId"])))

    @st.composite
    def one(draw: Callable[..., Any]) -> Case:
        mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case: Case = draw(operation.as_strategy(generation_mode=mode))
        if mode == GenerationMode.POSITIVE:
            if case.path_parameters and draw(st.integers(0, 3)):
                case.path_parameters |= {name: known.get(kind, known["id"]) for name in case.path_parameters}
            case.query.pop("cursor", None)  # a made-up place is none
            kept = draw(st.sampled_from(sorted(filters))) if filters else ""
            for name in set(case.query):
                if name in filters and name != kept and "search" not in case.query:
                    del case.query[name]
                elif name in known and draw(st.booleans()):
                    case.query[name] = known[name]
        return case

    return one()
