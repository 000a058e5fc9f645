import threading
import time

import pytest

from oscine.core import map_ordered


def test_results_come_in_the_order_of_the_items_whoever_finishes_first():
    def slow_for_even(number):
        time.sleep(0.01 if number % 2 == 0 else 0.0)
        return number

    assert list(map_ordered(slow_for_even, range(20), workers=4)) == list(range(20))


def test_items_are_read_lazily():
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = map_ordered(abs, items(), workers=2, ahead=2)
    next(results)
    assert len(taken) <= 6
    results.close()


def test_an_exception_comes_where_the_result_would_have_come():
    results = map_ordered(lambda n: 1 // n, [1, 0, 1], workers=2)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_leaving_early_leaves_no_thread_behind():
    before = threading.active_count()
    results = map_ordered(abs, range(100), workers=3)
    next(results)
    results.close()
    assert threading.active_count() == before
