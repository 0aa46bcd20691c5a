"""The house keeps to its own floor plan: every test here fails with file, line and cure (app/README.md)."""
