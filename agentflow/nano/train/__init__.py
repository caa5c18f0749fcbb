"""How the embedded models are made: receipts from a grammar, a vocabulary, a network, its training, its figures.

None of it is in the wheel, and nothing that runs imports it.
"""
