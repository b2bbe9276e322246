"""Answers Pulumi's two questions to pip as the real pip answered them before; runs the real pip for all else.

Before each command Pulumi asks for pip's version and for the installed packages. Starting pip takes a quarter of the
CPU time of a `pulumi up`. An answer is kept in the virtual environment, and used as long as no package comes or goes.
"""

import hashlib
import os
import runpy
import subprocess
import sys

_QUESTIONS = (["--version"], ["list", "--format", "json"])
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _answer(question: list[str]) -> bytes:
    """What pip says, now or earlier with the same packages in the same folders."""
    folders = [(path, os.stat(path).st_mtime_ns) for path in sys.path if os.path.isdir(path)]
    known = hashlib.sha256(repr((question, folders)).encode()).hexdigest()
    file = os.path.join(os.path.realpath(sys.prefix), "pip-answers", known)
    try:
        with open(file, "rb") as kept:
            return kept.read()
    except FileNotFoundError:
        said = subprocess.run([sys.executable, "-m", "pip", *question], stdout=subprocess.PIPE, check=True).stdout
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(f"{file}.{os.getpid()}", "wb") as new:
        new.write(said)
    os.replace(new.name, file)
    return said


sys.path[:] = [path for path in sys.path if path not in (_HERE, os.getcwd())]
os.environ["PYTHONPATH"] = os.pathsep.join(path for path in os.environ["PYTHONPATH"].split(os.pathsep) if path != _HERE)
if sys.argv[1:] in _QUESTIONS:
    sys.stdout.buffer.write(_answer(sys.argv[1:]))
else:
    del sys.modules["pip"]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
