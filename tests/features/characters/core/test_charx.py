import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.characters.core.charx import MAX_ENTRIES, Archive, is_archive
from parley.features.characters.core.rejection import CardRejected
from support.cards import charx


def test_an_entry_is_read_by_its_exact_name() -> None:
    archive = Archive(charx({"card.json": b"{}", "assets/Icon.png": b"x"}))
    assert archive.read("assets/Icon.png", 10) == b"x"
    assert archive.read("assets/icon.png", 10) is None
    assert archive.read("../card.json", 10) is None


def test_an_archive_behind_a_jpeg_is_an_archive() -> None:
    file = b"\xff\xd8\xff\xe0 picture \xff\xd9" + charx({"card.json": b"{}"})
    assert is_archive(file)
    assert Archive(file).read("card.json", 10) == b"{}"


def test_of_two_entries_with_one_name_the_first_counts() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = _twice()
    assert Archive(file).read("card.json", 10) == b"first"


def _twice() -> bytes:
    import io  # noqa: PLC0415  this test alone builds an archive by hand

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("card.json", b"first")
        archive.writestr("card.json", b"second")
    return buffer.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = Archive(charx({"card.json": b"0" * 4_000_000}))
    with pytest.raises(CardRejected, match="suspiciously tight"):
        bomb.read("card.json", 8_000_000)
    with pytest.raises(CardRejected, match="more than"):
        bomb.read("card.json", 1000)


def test_a_size_that_lies_does_not_help_a_bomb() -> None:
    file = bytearray(charx({"card.json": b"0" * 100_000}))
    directory = file.rfind(b"PK\x01\x02")
    file[directory + 24 : directory + 28] = struct.pack("<I", 10)
    with pytest.raises(CardRejected, match="damaged"):
        Archive(bytes(file)).read("card.json", 1000)


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(CardRejected, match="entries"):
        Archive(charx({f"{number}": b"" for number in range(MAX_ENTRIES + 1)}))


def test_a_huge_directory_is_refused() -> None:
    with pytest.raises(CardRejected, match="directory"):
        Archive(charx({f"{number}" + "x" * 5000: b"" for number in range(220)}))


def test_encrypted_and_strangely_packed_entries_are_refused() -> None:
    encrypted = bytearray(charx({"card.json": b"{}"}))
    encrypted[encrypted.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(CardRejected, match="encrypted"):
        Archive(bytes(encrypted)).read("card.json", 10)
    with pytest.raises(CardRejected, match="deflate"):
        Archive(charx({"card.json": b"{}"}, zipfile.ZIP_BZIP2)).read("card.json", 10)


def test_a_damaged_entry_is_refused() -> None:
    file = charx({"card.json": b"{} and more"}, zipfile.ZIP_STORED).replace(b"{} and more", b"{} and less")
    with pytest.raises(CardRejected, match="damaged"):
        Archive(file).read("card.json", 100)


@pytest.mark.parametrize("cut", [1, 10, 21, 60])
def test_an_archive_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(CardRejected):
        Archive(charx({"card.json": b"{}"})[:-cut])


def test_a_damaged_directory_is_refused() -> None:
    with pytest.raises(CardRejected, match="archive is damaged"):
        Archive(charx({"card.json": b"{}"}).replace(b"PK\x01\x02", b"PK\x09\x09"))


@given(st.binary(max_size=300))
def test_noise_is_refused_or_read_but_never_crashes(noise: bytes) -> None:
    for file in (b"PK\x03\x04" + noise, noise + b"PK\x05\x06" + noise, noise + charx({"card.json": noise})):
        try:
            Archive(file).read("card.json", 1000)
        except CardRejected:
            continue
