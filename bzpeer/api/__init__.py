"""The API at /api/v1/: its addresses, paging, limits and documentation. What it answers lies in each app's api and serializers modules."""
