"""How rows are kept: keys, trail, sessions, paging, migrations and files, on both databases."""
