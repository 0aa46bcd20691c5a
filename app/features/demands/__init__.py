"""Technical demands: posted in one sentence, triaged by the county, followed to their end."""
