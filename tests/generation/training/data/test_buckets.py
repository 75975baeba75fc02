"""Aspect buckets, and batches that are a function of their number."""

from collections import Counter

import pytest

from generation.training.data.buckets import batch_at, bucket_of


@pytest.mark.parametrize(
    ("image", "side", "bucket"),
    [
        ((512, 512), 512, (512, 512)),
        ((3000, 2000), 512, (640, 448)),
        ((1000, 10_000), 512, (384, 704)),
        ((3000, 2000), 96, (120, 80)),
        ((96, 96), 96, (96, 96)),
    ],
)
def test_a_bucket_has_about_the_shape_and_the_area(
    image: tuple[int, int], side: int, bucket: tuple[int, int]
) -> None:
    assert bucket_of(image, side, 8) == bucket


def test_every_epoch_shows_every_example() -> None:
    buckets = (0, 0, 0, 0, 0, 1, 1)

    epoch = [batch_at(buckets, 2, 0, number) for number in range(4)]

    assert {index for batch in epoch for index in batch} == set(range(7))
    assert all(len({buckets[index] for index in batch}) == 1 for batch in epoch)
    assert all(len(batch) == 2 for batch in epoch)


def test_epochs_have_orders_of_their_own() -> None:
    orders = {tuple(batch_at([0] * 8, 8, 0, number)) for number in range(4)}

    assert len(orders) == 4


def test_seeds_have_orders_of_their_own() -> None:
    assert batch_at([0] * 8, 8, 0, 0) != batch_at([0] * 8, 8, 1, 0)


def test_a_batch_larger_than_the_data_repeats_it() -> None:
    batch = batch_at([0, 0, 0], 8, 0, 0)

    assert len(batch) == 8
    assert set(Counter(batch).values()) == {2, 3}
