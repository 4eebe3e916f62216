"""Trust: how much independent evidence ties a page to one real person who wrote its works. Pure: no Django, no rows.

`levels` says which verification level live evidence earns; `score` turns a level, a record and a network into points;
`explain` puts every point into words. How facts come out of the database is profiles/loading.py's business.
"""
