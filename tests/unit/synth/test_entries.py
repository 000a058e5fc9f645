"""An entry knows its file and its row."""

from __future__ import annotations

from oscine.synth.config import SynthConfig
from oscine.synth.entries import Entry, Planted
from oscine.synth.recordists import recordist_at
from oscine.synth.scenes import Scene
from oscine.synth.species import species_at


def test_an_entry_lies_in_the_folder_of_its_label() -> None:
    species = species_at(0, 0)
    scene = Scene(0, (species,), (species,), recordist_at(SynthConfig(), 0))
    entry = Entry("year_b", "XC950001", species, scene, suffix=".flac")
    assert entry.filename == "marpip9/XC950001.flac"
    assert str(entry.path) == "year_b/train_audio/marpip9/XC950001.flac"


def test_two_accounts_do_not_share_their_lists() -> None:
    Planted().cut_ogg.append("a.ogg")
    assert Planted().cut_ogg == []
