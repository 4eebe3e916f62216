#!/usr/bin/env python
"""Django's command line, on the embedded Postgres and Redis where DATABASE_URL and REDIS_URL name no others."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bzpeer.settings")
    from bzpeer import embedded

    try:
        embedded.attach()
    except embedded.UnavailableError as error:
        sys.exit(complain(error))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def complain(error: Exception) -> int:
    print(error, file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
