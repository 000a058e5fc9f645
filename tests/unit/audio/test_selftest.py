from __future__ import annotations

import numpy as np
import pytest

from oscine.audio import selftest
from oscine.core import AudioError, Reason


@pytest.mark.parametrize("kind", selftest.KINDS)
def test_every_kind_decodes_here(kind):
    assert selftest.try_decoding(kind) is None


def test_a_decoder_that_refuses_is_told_in_its_words(monkeypatch):
    def refuse(path, rate):
        raise AudioError("no such codec", reason=Reason.UNREADABLE)

    monkeypatch.setattr(selftest, "read", refuse)
    assert selftest.try_decoding("ogg") == "no such codec"


def test_a_decoder_that_gives_silence_is_no_decoder(monkeypatch):
    monkeypatch.setattr(selftest, "read", lambda path, rate: np.zeros(8000, np.float32))
    assert "comes back otherwise" in selftest.try_decoding("wav")


def test_a_decoder_that_gives_half_of_it_is_no_decoder(monkeypatch):
    monkeypatch.setattr(selftest, "read", lambda path, rate: np.ones(4000, np.float32))
    assert "comes back otherwise" in selftest.try_decoding("wav")


def test_an_encoder_that_is_missing_is_no_crash(monkeypatch):
    monkeypatch.setitem(selftest.SNDFILE_KINDS, "mp3", ("MP3", "NO_SUCH_SUBTYPE"))
    assert selftest.try_decoding("mp3").startswith("no tone can be written to try it")
