"""What programs may ask about people and accounts, and how they say for whom they ask."""
