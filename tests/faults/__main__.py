"""python -m tests.faults: the whole suite, some ten minutes. What follows the options goes to pytest (`-k redis`, `--durations=20`).

--full         every figure at its full number (10,000 raced claims, 200 random kills, …): an hour
--seed NUMBER  another order of random things; printed, so that a failure can be had again
--publish      write the figures into docs/reliability.md
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

import pytest

from bzpeer import embedded
from tests.faults import stores

OPTIONS = ["python_files=fault_*.py", "addopts=--strict-markers --strict-config -ra"]


def main() -> int:
    formatter = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__, formatter_class=formatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--publish", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given, rest = parser.parse_known_args()
    os.environ["FAULTS_SEED"] = str(given.seed)
    os.environ["FAULTS_SCALE"] = "100" if given.full else "10"
    if given.publish:
        os.environ["FAULTS_PUBLISH"] = "make faults" + (" ARGS=--full" if given.full else "")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bzpeer.settings")
    os.environ.setdefault("STATIC_ROOT", str(embedded.BASE_DIR / ".data" / "test-static"))
    os.environ |= {"DATABASE_POOL_SIZE": "0", "FETCH_ABSTRACTS": "0", "CELERY_KEY_PREFIX": "faults:"}
    print(f"seed {given.seed}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers are ended then too
    own = stores.begin()
    try:
        options = [part for option in OPTIONS for part in ("-o", option)]
        chosen = [] if any(".py" in part for part in rest) else ["tests/faults"]
        return int(pytest.main([*chosen, *options, "-p", "no:xdist", *rest]))
    finally:
        own.close()


if __name__ == "__main__":
    sys.exit(main())
