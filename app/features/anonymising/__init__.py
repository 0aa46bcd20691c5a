"""Taking a person's values out for good, where he or she has left or asks for it.

In come a person of one's own territory and a reason; out go name, numbers, phone, account, and the name wherever it
stands in the free words of his or her records. What is counted stays as it was; the trail stays sealed.
"""
