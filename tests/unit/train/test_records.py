"""What a fit leaves is looked at in test_fit; here is what comes from several processes."""

from __future__ import annotations

import pytest

import tones
from oscine.audio import ReadFinding
from oscine.core import Reason
from oscine.train import records


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return tones.job(tmp_path_factory.mktemp("records"), n=4)


def found(job, index, reason=Reason.MISSING):
    return ReadFinding(index, job.training["filepath"][index], reason, "no such file")


def test_what_any_process_could_not_read_is_listed_once_in_the_order_of_the_table(job, monkeypatch):
    of_each = iter(
        [
            [[found(job, 5), found(job, 2, Reason.TRUNCATED)], [found(job, 5), found(job, 0)]],
            [[], []],  # of the validation part
        ]
    )
    monkeypatch.setattr(records, "gather", lambda own: next(of_each))
    table = records.unreadable(job)
    paths = job.training["filepath"]
    assert table["filepath"].to_list() == [paths[0], paths[2], paths[5]]
    assert table["reason"].to_list() == ["missing", "truncated", "missing"]


def test_without_findings_the_table_is_there_and_empty(job):
    assert records.unreadable(job).is_empty()
