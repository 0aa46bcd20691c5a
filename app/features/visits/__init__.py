"""Service visits: logged by who took part, confirmed by the served side, reviewed by the county of service.

What comes in: a report from a phone, a word from a village, a decision of a reviewer. What goes out: passed visits,
which alone count. actions.py logs, confirmations.py and reviews.py hold the two other nouns with their reads; the
routes stand in views.py, confirmation_views.py and review_views.py on one blueprint.
"""
