"""The tests of the whole product: the real command, the real executable, the real providers.

They build nothing and skip nothing: without a build every one of them is an error that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.orchestration.cases import CaseList
from conformance.orchestration.catalogue import Catalogue, load_catalogue
from conformance.tests.e2e import support


# Long tests by the hundred, none of which needs what its neighbour has set up.
_LONG_ONES = ("test_flawed.py", "test_variants.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix the long tests and put them first: xdist hands its workers whole runs of neighbours."""
    places: list[tuple[float, int]] = []
    for name in _LONG_ONES:
        indices = [index for index, item in enumerate(items) if item.path.name == name]
        places += [(place / len(indices), index) for place, index in enumerate(indices)]
    first = [index for _, index in sorted(places)]
    rest = sorted(set(range(len(items))) - set(first))
    items[:] = [items[index] for index in (*first, *rest)]


@pytest.fixture(scope="session", autouse=True)
def _wine() -> Iterator[None]:
    """Keep Wine's server resident, as the outermost command does."""
    missing = support.why_nothing_can_be_run()
    if missing is not None:
        pytest.fail(missing, pytrace=False)
    with support.machine().session():
        yield


@pytest.fixture(scope="session")
def case_list(_wine: None) -> CaseList:
    """Return the cases of the executable."""
    return CaseList.parse(support.machine().output_of(["--list"]))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the catalogue of requirements."""
    return load_catalogue()


@pytest.fixture
def certify(tmp_path: Path) -> Callable[..., support.Run]:
    """Return a function that certifies into a folder of this test's own."""

    def call(*arguments: object, **more: Any) -> support.Run:
        more.setdefault("out", tmp_path / "out")
        return support.certify(*arguments, **more)

    return call
