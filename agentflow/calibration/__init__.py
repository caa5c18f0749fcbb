"""What labelled outcomes teach: how good validators are, and whom to ask and believe at the lowest cost.

Nothing here calls a model. A policy is learned from finished runs and serves later ones.
"""
