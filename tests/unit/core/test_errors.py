import inspect
import pickle

import pytest

from oscine.core import AudioError, MissingExtraError, OscineError, Reason, errors


def every_error():
    return [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, OscineError)
    ]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_stands_in_the_tree_that_the_docstring_draws(kind):
    assert kind.__name__ in errors.__doc__


def test_a_message_says_what_where_and_what_to_do():
    assert str(OscineError("no such file", where="a.ogg", fix="check it")) == (
        "no such file (a.ogg): check it"
    )


def test_a_message_without_place_and_fix_is_the_sentence_alone():
    assert str(OscineError("no such file")) == "no such file"


def test_an_audio_error_carries_its_reason_code():
    assert AudioError("bad", reason=Reason.EMPTY).reason is Reason.EMPTY


def test_a_missing_extra_names_the_command_that_brings_it():
    assert "pip install 'oscine[train]'" in str(MissingExtraError("train", "torch"))


def test_an_error_keeps_its_class_and_its_words_on_its_way_to_another_process():
    sent = AudioError("too short", reason=Reason.EMPTY, where="a.ogg", fix="record more")
    came = pickle.loads(pickle.dumps(sent))
    assert (type(came), str(came), came.reason) == (AudioError, str(sent), Reason.EMPTY)
