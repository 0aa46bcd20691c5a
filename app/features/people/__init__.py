"""Natural persons, the ones that are counted; their sealed numbers and the record of each showing."""
