"""What is kept of an account: given out, looked at, forgotten."""
