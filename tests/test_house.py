"""The rules of the house that imports cannot show. Each names the rule of docs/architecture.md that it keeps."""

import ast
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT = settings.BASE_DIR
APPS = ("bzpeer", "profiles", "graph", "works")
DRAWERS = {"utils", "helpers", "common", "misc", "services", "managers", "core", "lib", "shared"}
MOST_LINES = 400


def tracked(pattern: str = "") -> list[Path]:
    """The repository's files, as git sees them (untracked ones too, unless ignored)."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in listed if re.search(pattern, name) and (ROOT / name).is_file()]


def python_files(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of every call in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def test_no_drawers():
    """Nothing is called utils, helpers, common, …: a name says what is inside."""
    found = [path for path in tracked(r"\.py$") if DRAWERS & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}]
    assert found == []


def test_no_file_is_too_long_to_read():
    """A module becomes a folder, split by noun, at about 400 lines."""
    found = {
        str(path.relative_to(ROOT)): lines
        for path in tracked(r"\.(py|js|css|html)$")
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert found == {}


def test_only_receivers_and_tasks_enqueue():
    """Actions announce, receivers enqueue, tasks delegate."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path, tree in python_files(*APPS)
        for name, line in calls(tree)
        if name.endswith((".delay", ".apply_async")) and not name.startswith("super()") and path.stem not in {"receivers", "tasks"}
    ]
    assert found == []


def test_receivers_enqueue_on_commit_and_survive_a_lost_broker():
    """What a receiver enqueues stands inside transaction.on_commit(…, robust=True)."""
    for path, tree in python_files(*APPS):
        if path.stem != "receivers":
            continue
        safe = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "transaction.on_commit"
            if any(keyword.arg == "robust" for keyword in node.keywords)
            for inner in ast.walk(node)
        }
        loose = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "delay" and id(node) not in safe]
        assert [ast.unparse(node) for node in loose] == [], path


def test_no_business_in_model_signals():
    """Never post_save for business rules."""
    for path, tree in python_files(*APPS):
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"post_save", "pre_save", "post_delete", "m2m_changed"}, path


def test_every_task_has_a_name_of_its_app():
    """Task names are stable: a message in a queue outlives a module's name."""
    from bzpeer.celery import app

    app.loader.import_default_modules()
    own = {name for name, task in app.tasks.items() if task.__module__.split(".")[0] in APPS}
    assert own
    assert all(name.split(".")[0] == app.tasks[name].__module__.split(".")[0] for name in own)


def test_scheduled_and_routed_tasks_exist():
    from bzpeer.celery import app

    app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} | set(settings.CELERY_TASK_ROUTES)
    assert named <= set(app.tasks)


def test_foreign_keys_point_down():
    """Foreign keys between apps point down, to a lower floor."""
    floor = {"works": 0, "graph": 1, "profiles": 2}
    found = [
        f"{model.__name__}.{field.name}"
        for label in floor
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and (target := field.related_model._meta.app_label) in floor
        and floor[target] > floor[label]
    ]
    assert found == []


def test_actions_are_keyword_only_with_the_actor_last():
    """Writes are verbs in actions/, keyword-only, the actor last."""
    wrong = []
    for app in APPS:
        for path, tree in python_files(f"{app}/actions" if (ROOT / app / "actions").is_dir() else app):
            if "actions" not in path.parts:
                continue
            for node in tree.body:
                if not isinstance(node, ast.FunctionDef):
                    continue
                keywords = [argument.arg for argument in node.args.kwonlyargs]
                if "by" in (*keywords, *(argument.arg for argument in node.args.args)) and keywords[-1:] != ["by"]:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert wrong == []


def test_nothing_inline_in_templates():
    """The content security policy allows no inline script or style."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    found = [str(path.relative_to(ROOT)) for path in tracked(r"^templates/.*\.html$") if inline.search(path.read_text())]
    assert found == []


def test_nothing_from_elsewhere_is_loaded():
    """No page loads anything from another host."""
    loads = re.compile(r"(?:src|href)=[\"']https?://[^\"']+\.(?:js|css|woff2?|png|svg)", re.IGNORECASE)
    found = [
        str(path.relative_to(ROOT))
        for path in tracked(r"^(templates|static)/")
        if path.suffix in {".html", ".css", ".js"} and loads.search(path.read_text())
    ]
    assert found == []


def test_lock_files_carry_hashes_and_no_addresses():
    for path in tracked(r"^requirements/.*\.txt$"):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://", text), path
        assert "--index-url" not in text
    lock = (ROOT / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_every_setting_is_listed():
    """`.env.example` names every environment variable that the settings read."""
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "bzpeer" / "settings.py").read_text()))
    listed = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read
    assert read - listed == set()


@pytest.mark.parametrize("unfinished", ["TO" + "DO", "FIX" + "ME", "X" + "XX", "coming" + " soon", "lorem" + " ipsum", "breakpoint" + "()"])
def test_nothing_is_left_unfinished(unfinished):
    found = [
        str(path.relative_to(ROOT)) for path in tracked(r"\.(py|html|js|css)$") if path != Path(__file__) and unfinished in path.read_text()
    ]
    assert found == []


@pytest.mark.django_db
def test_models_and_migrations_agree():
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_ready_for_production():
    """`check --deploy` has nothing to say of a site with TLS, a secret of its own and its hosts."""
    done = checked_for_production()
    assert done.returncode == 0, done.stdout + done.stderr


def checked_for_production() -> "subprocess.CompletedProcess[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},  # set by the browser's fixture
        "SITE_URL": "https://bzpeer.example",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "bzpeer.example",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
