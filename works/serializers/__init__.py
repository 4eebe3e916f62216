"""What the API says of the record, and what may be asked of it."""
