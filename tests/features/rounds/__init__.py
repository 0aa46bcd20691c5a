"""Tests of importing rosters."""
