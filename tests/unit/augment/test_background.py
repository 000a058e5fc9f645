import numpy as np
import pytest
import soundfile
import torch

from oscine.augment import BackgroundConfig
from oscine.augment.background import Background, load_background, load_responses, mix_background
from oscine.augment.draws import Draws
from oscine.core import ConfigError

RATE = 8000


def write(path, duration_s, level, rate=RATE):
    path.parent.mkdir(exist_ok=True, parents=True)
    soundfile.write(path, np.full(round(duration_s * rate), level, dtype=np.float32), rate)
    return path


def test_a_folder_and_further_recordings_are_read_at_the_clips_rate(tmp_path):
    write(tmp_path / "rain" / "a.wav", 2.0, 0.25, rate=16_000)
    extra = write(tmp_path / "other" / "b.wav", 1.0, 0.5)
    config = BackgroundConfig(probability=1.0, folder=tmp_path / "rain", minutes=1.0)
    background = load_background([extra], config, RATE, RATE)
    assert [len(values) for values in background.recordings] == [8000, 16_000]


def test_memory_is_shared_by_the_recordings(tmp_path):
    paths = [write(tmp_path / f"{i}.wav", 3.0, 0.1) for i in range(4)]
    config = BackgroundConfig(minutes=4.0 / 60.0)
    background = load_background(paths, config, RATE, RATE // 2)
    assert [len(values) for values in background.recordings] == [RATE] * 4


def test_a_recording_shorter_than_a_window_goes_round(tmp_path):
    path = write(tmp_path / "a.wav", 0.3, 0.25)
    (values,) = load_background([path], BackgroundConfig(), RATE, RATE).recordings
    assert len(values) == RATE


def test_an_unreadable_recording_is_left_out_and_said(tmp_path, caplog):
    good = write(tmp_path / "a.wav", 2.0, 0.25)
    bad = tmp_path / "b.wav"
    bad.write_bytes(b"no audio")
    assert len(load_background([bad, good], BackgroundConfig(), RATE, RATE).recordings) == 1
    assert "b.wav" in caplog.text


@pytest.mark.parametrize(
    "load",
    [
        lambda folder: load_background([], BackgroundConfig(folder=folder), RATE, RATE),
        lambda folder: load_responses(folder, RATE),
    ],
    ids=["background", "responses"],
)
def test_an_empty_folder_is_an_error_that_names_it(tmp_path, load):
    with pytest.raises(ConfigError, match=tmp_path.name):
        load(tmp_path)


def test_nothing_readable_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="no background"):
        load_background([tmp_path / "absent.wav"], BackgroundConfig(), RATE, RATE)


@pytest.mark.parametrize("place", [0.0, 0.3, 0.62, 0.999999])
def test_a_stretch_lies_within_one_recording(place):
    background = Background([np.full(30, 1000, np.int16), np.full(17, 2000, np.int16)])
    assert len(set(background.stretch(place, 10).tolist())) == 1


def test_background_lies_the_drawn_distance_below_the_clip():
    draws = Draws(0, 0, (0, 1), torch.device("cpu"))
    waveforms = torch.ones(2, 50)
    noise = np.random.default_rng(0).integers(-9000, 9000, 400).astype(np.int16)
    config = BackgroundConfig(snr_min_db=20.0, snr_max_db=20.0)
    mix_background(waveforms, [1], config, draws, RATE, Background([noise]))
    added = waveforms - 1.0
    assert not added[0].any()
    assert 20 * torch.log10(added[1].square().mean().sqrt()).item() == pytest.approx(
        -20.0, abs=0.01
    )


def test_a_response_begins_at_its_peak(tmp_path):
    response = np.r_[np.zeros(100), 0.9, 0.5 ** np.arange(1, 200)].astype(np.float32)
    soundfile.write(tmp_path / "valley.wav", response, RATE, subtype="FLOAT")
    (loaded,) = load_responses(tmp_path, RATE)
    assert loaded[0] == pytest.approx(0.9)
    assert len(loaded) == 200
