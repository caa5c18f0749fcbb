"""DBOS on SQLite: durable steps inside one workflow, and a workflow per step."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from dbos import DBOS
from driving import Asked, drive


def begin(asked: Asked) -> Path:
    """Its database in the folder."""
    logging.disable(logging.CRITICAL)
    file = Path(asked.folder) / "dbos.db"
    DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{file}", "log_level": "CRITICAL"})
    return file


@DBOS.step()
def step(number: int) -> str:
    return f"answer {number}"


@DBOS.workflow()
def chain_of_steps(count: int) -> int:
    for number in range(count):
        step(number)
    return count


@DBOS.workflow()
def workflow_of_one(number: int) -> str:
    return str(step(number))


def chain(asked: Asked) -> Any:
    file = begin(asked)
    DBOS.launch()
    cpu = time.process_time()
    chain_of_steps(asked.count)
    return _told(file, cpu, asked)


def workflows(asked: Asked) -> Any:
    file = begin(asked)
    DBOS.launch()
    cpu = time.process_time()
    for number in range(asked.count):
        workflow_of_one(number)
    return _told(file, cpu, asked)


def _told(file: Path, cpu: float, asked: Asked) -> Any:
    return {"cpu": (time.process_time() - cpu) / asked.count, "bytes": file.stat().st_size / asked.count}


if __name__ == "__main__":
    drive({"chain": chain, "workflows": workflows})
