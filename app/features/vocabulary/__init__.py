"""Dated dictionaries: industries in their schemes, kinds of result with units, matching concepts."""
