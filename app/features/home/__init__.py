"""Each role's first page: what is to be done now."""
