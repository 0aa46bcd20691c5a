"""Work leased from the database (storage/jobs.py): the worker, what it can do, and the process that solves plans."""
