"""A crash being resumed: the process is killed in the middle, and what was answered is not asked again."""

import os
import signal
import subprocess
import sys

from agentflow import Budget, Ladder, Step, Tier, pipeline, resume, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat

square = Step("number -> result", validate=v.matches("result", r"\d+"))
engine = ScriptedEngine(lambda request: chat(result="1"))
ladder = Ladder(Tier("demo/model", engine=engine))


@pipeline
async def squares(count: int) -> int:
    for number in range(count):
        await square.acall(number=str(number))
        if number == 5 and "die" in sys.argv:
            os.kill(os.getpid(), signal.SIGKILL)
    return count


if __name__ == "__main__" and "die" in sys.argv:
    run(squares(10), ladder=ladder, budget=Budget(tokens=99_999))
elif __name__ == "__main__":
    subprocess.run([sys.executable, __file__, "die"])
    print(resume("last", ladder=ladder).status, "with", len(engine.requests), "of 10 requests sent again or anew")
