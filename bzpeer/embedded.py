"""The default Postgres and Redis: real servers from wheels, for a machine that offers none."""


def attach() -> None:
    """Set DATABASE_URL and REDIS_URL, where they are not set, to embedded servers that are running."""
