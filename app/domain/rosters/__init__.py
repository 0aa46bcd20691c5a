"""Rosters of appointed commissioners, as counties keep them in workbooks: how they are read and what a row will do.

`workbook` is what a workbook is to the policy; `headings`, `cells`, `terms`, `places` and `industries` say how single
things are read; `rows` reads a row, `reading` a workbook; `planning` compares what was read with what is known and says
of each row whether somebody new comes in, somebody known is appointed, nothing is to be done, a person must decide, or
it cannot be imported and why. Nothing here reads a file or a database.
"""
