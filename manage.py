#!/usr/bin/env python
"""Django's command line, on the embedded Postgres and Redis where DATABASE_URL and REDIS_URL name no others."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bzpeer.settings")
    from bzpeer import embedded

    try:
        embedded.attach()
    except embedded.UnavailableError as error:
        print(error, file=sys.stderr)
        return 2
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
