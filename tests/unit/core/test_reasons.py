from oscine.core import QUARANTINE, Reason, reason_words


def test_reason_codes_are_their_own_lower_case_names():
    assert [reason.value for reason in Reason] == [reason.name.lower() for reason in Reason]


def test_a_short_recording_is_a_warning_and_an_unreadable_one_is_kept_out():
    assert Reason.UNREADABLE in QUARANTINE
    assert Reason.SHORT not in QUARANTINE


def test_every_reason_code_has_words():
    assert list(reason_words()) == [reason.value for reason in Reason]
    assert all(words.endswith((".", ")")) for words in reason_words().values())
