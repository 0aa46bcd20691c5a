"""Individuals, teams and legal entities, and their dated appointments."""
