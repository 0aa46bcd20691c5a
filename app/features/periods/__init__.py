"""Named periods with their own dates."""
