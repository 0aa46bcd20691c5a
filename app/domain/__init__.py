"""The policy: what the science bureau's rules say, free of Flask, SQLAlchemy, clocks and files."""
