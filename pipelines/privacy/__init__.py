"""Privacy: who asked to be erased is gone and stays gone, and what is older than the company keeps is pruned.

requests (who is meant) -> plan (what goes, from where) -> erasure (carried out, also after a kill; the certificate);
suppression (the list that keeps them out) and retention (what is too old); search looks whether anything is left.
"""
