"""Certifies a provider: `python conformance --help`, from wherever the suite lies.

scripts/certify and certify.cmd are this with the right Python.
"""

import importlib
import signal
import sys
from pathlib import Path

# Quietly to the end, until main says what an interruption does.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# Not by PYTHONPATH: the environment reaches the provider as it is.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_OLDEST = (3, 11)
_NO_RUN = 2


def _complain(sentence: str) -> int:
    print(f"certify: {sentence}", file=sys.stderr)
    return _NO_RUN


def _main() -> int:
    if sys.version_info < _OLDEST:
        oldest, this = ".".join(map(str, _OLDEST)), sys.version.split()[0]
        return _complain(f"Python {oldest} or newer is needed, and this is {this}.")
    try:
        for package in ("xdist", "jinja2", "markupsafe"):  # which are imported late
            importlib.import_module(package)
        from conformance.orchestration.certify import main
    except ModuleNotFoundError as missing:
        return _complain(
            f"the Python package {missing.name} is missing;"
            " run `python -m pip install -r requirements.txt` in the folder of the suite."
        )
    return main()


if __name__ == "__main__":
    sys.exit(_main())
