import gc

from parley.shell.background import spare_the_collector


def test_what_the_start_has_made_is_not_searched_again() -> None:
    before = gc.get_freeze_count()
    try:
        spare_the_collector()
        assert gc.get_freeze_count() > before + 1000
        assert len(gc.get_objects()) < 1000
    finally:
        gc.unfreeze()
