"""Where things lie in a checkout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Layout:
    """The paths of one checkout; tests make one of their own."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.providers = root / "providers"
        self.build = root / "build"
        self.published = root / "conformance" / "detection" / "published"
        self.reference = self.providers / "reference" / "provider.toml"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Layout:
        """Return the checkout that WSPCTS_ROOT names, or the one this file lies in."""
        return cls(Path(environment.get("WSPCTS_ROOT") or ROOT))

    def executable(self, arch: str) -> Path:
        """Return the executable that runs one case."""
        return self.build / arch / "wspcts.exe"

    def results_of(self, provider: str) -> Path:
        """Return the default folder for the results of a provider."""
        return self.build / "certify" / provider

    def shown(self, path: Path) -> str:
        """Write a path as a reader wants it: relative to the checkout where it lies in it."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)
