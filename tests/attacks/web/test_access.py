"""Who is let in where, tried at every pattern of the address book with every role and method."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model

from profiles.roles import ROLES as PERMISSIONS
from tests.attacks.web.conftest import WHOLE
from tests.attacks.web.requests import BODIES, answered
from tests.attacks.web.rules import rules
from tests.attacks.web.scene import ROLES, Scene, make_scene, patterns

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords", "unlimited")]
OWN = [route for route in dict.fromkeys(route for route, _ in patterns()) if not route.startswith("admin/")]


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_every_pattern_has_a_rule_and_an_address(scene):
    assert sorted(set(OWN) - set(rules())) == []
    assert sorted(set(rules()) - set(OWN)) == []
    assert [route for route in OWN if re.search(r"[<>^$]", scene.at(route))] == []


def test_everybody_is_let_in_where_the_rules_say_and_nowhere_else(scene):
    clients = {role: scene.client(role) for role in ROLES}
    broken: dict[str, tuple[str, str]] = {}
    for route in OWN:
        for method, rule in zip(("get", "post"), rules()[route], strict=True):
            body = BODIES.get(route) if method == "post" else None
            found = "".join(answered(clients[role], method, scene.at(route), body) if role in asking(rule) else "." for role in ROLES)
            if any(letter not in {".", wanted} for letter, wanted in zip(found, rule, strict=True)):
                broken[f"{method} {route}"] = (rule, found)
    assert not broken, "\n".join(f"{where}: {wanted} is the rule, {found} was found" for where, (wanted, found) in broken.items())


def asking(rule: str) -> tuple[str, ...]:
    """All roles; but where all are treated alike, only the three that differ most, unless the attacks run whole."""
    return ROLES if WHOLE or len(set(rule)) > 1 else ("stranger", "owner", "administrator")


def test_no_other_method_opens_a_door(scene):
    """PUT, PATCH and DELETE do nothing anywhere; allauth takes a PUT for a POST, and asks for the same token."""
    client = scene.client("administrator", enforce_csrf_checks=True)
    opened = [
        f"{method} {route}" for route in OWN for method in ("put", "patch", "delete") if answered(client, method, scene.at(route)) == "+"
    ]
    assert opened == []


# --- Admin ---------------------------------------------------------------------------------------------------------------------------


def permitted(model: type[Model], what: str) -> list[str]:
    """The roles whose row in profiles/roles.py grants this on a model. Deleting paused addresses is granted for the action alone."""
    if (what, model._meta.model_name) == ("delete", "pausedaddress"):
        return []
    name = f"{model._meta.app_label}.{what}_{model._meta.model_name}"
    return [role for role, granted in PERMISSIONS.items() if name in granted]


def pages(model: type[Model], row: Model | None) -> Iterator[tuple[str, str, list[str]]]:
    """The pages of a model: method, address, and whose they are."""
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    looking = permitted(model, "view") + permitted(model, "change")
    yield "get", address, looking
    yield "post", address, looking
    for method in ("get", "post"):
        yield method, f"{address}add/", permitted(model, "add")
        if row is not None:
            yield method, f"{address}{row.pk}/delete/", permitted(model, "delete")
    if row is not None:
        yield "get", f"{address}{row.pk}/change/", looking
        yield "post", f"{address}{row.pk}/change/", permitted(model, "change")
        yield "get", f"{address}{row.pk}/history/", looking


def test_staff_see_of_the_admin_what_their_role_grants_and_nobody_else_sees_any(scene):
    clients = {role: scene.client(role) for role in ("reader", "reviewer", "curator", "administrator")}
    broken: list[tuple[str, str, str, str]] = []
    for model in admin.site._registry:
        row: Any = scene.users["reader"] if model._meta.model_name == "user" else model._default_manager.first()
        for method, address, whose in pages(model, row):
            for role, client in clients.items():
                found = answered(client, method, address)
                wanted = "L" if role == "reader" else "+" if role in whose else "-"
                if found != wanted:
                    broken.append((role, method, address, found))
    assert broken == []
