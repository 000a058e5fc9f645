import logging

from oscine.core import progress, track


def test_items_pass_unchanged_and_in_order():
    assert list(track([3, 1, 2], "audit", 3)) == [3, 1, 2]


def test_without_a_terminal_the_log_says_how_far_and_how_fast(caplog, monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_INTERVAL_S", 0.0)
    logging.getLogger("oscine").propagate = True
    with caplog.at_level(logging.INFO, logger="oscine"):
        list(track(range(2), "audit", 2, "files"))
    assert "audit: 1/2 files" in caplog.text
    assert "s left" in caplog.text


def test_on_a_terminal_a_bar_is_drawn_and_items_pass_unchanged(monkeypatch):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    assert list(track(range(3), "audit", 3)) == [0, 1, 2]
