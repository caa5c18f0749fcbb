"""A step: one module and its validator, on the embedded model. Nothing is accepted that the receipt does not show."""

from decimal import Decimal

import dspy

from agentflow import Budget, Ladder, Step, Tier, pipeline, run
from agentflow import validators as v


class ReadTotal(dspy.Signature):
    """Read the total amount payable from a till receipt."""

    receipt: str = dspy.InputField()
    total: Decimal = dspy.OutputField()


read_total = Step(ReadTotal, validate=v.occurs_in("total", source="receipt") & v.positive("total"))


@pipeline
async def total(receipt: str) -> Decimal:
    return (await read_total.acall(receipt=receipt)).total


if __name__ == "__main__":
    receipt = "INVOICE\nFrom: Solmar Foods\nDate: 2021-03-04\nBolt 9.30\nTea 3.20\nTotal 12.50 EUR"
    outcome = run(total(receipt), ladder=Ladder(Tier("local/nano-s", max_tokens=128)), budget=Budget(tokens=5_000))
    print(outcome.status, outcome.value, f"{outcome.spent.tokens} tokens")
