"""Year-end figures that open into their rows."""
