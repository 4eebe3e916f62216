"""What programs may ask about the record."""
