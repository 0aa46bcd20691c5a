"""Rosters: a workbook comes in, a preview says what will happen, a batch goes in and can be undone."""
