from oscine.report.sections import CHAPTERS


def test_every_section_stands_in_one_chapter_only():
    sections = [section for chapter in CHAPTERS.values() for section in chapter]
    assert len(set(sections)) == len(sections)


def test_the_result_comes_first_and_how_to_repeat_it_last():
    assert next(iter(CHAPTERS)) == "Result"
    assert list(CHAPTERS.values())[-1][-1].__name__ == "reproduce"
