"""Three-party agreements on file."""
