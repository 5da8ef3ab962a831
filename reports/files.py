"""Files written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write each content under its name in `folder`, and return the paths.

    All of them are written beside their places before the first is moved there, so that a full
    disk leaves what was there before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drafts = {folder / name: folder / f".{name}.{os.getpid()}.draft" for name in contents}
    try:
        for path, draft in drafts.items():
            _write_new(draft, contents[path.name])
        for path, draft in drafts.items():
            os.replace(draft, path)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return list(drafts)


def _write_new(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
