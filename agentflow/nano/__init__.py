"""The embedded language model: weights, runtime and DSPy adapter. It reads receipts and invoices and nothing else.

Importing this loads nothing: `nano.catalog` holds the models, `nano.adapter` what a step's signature means to them.
"""

from __future__ import annotations

NAMES = ("nano-s", "nano-m")
"""From the smallest to the largest; a tier calls them `local/nano-s` and `local/nano-m`."""
