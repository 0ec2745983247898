"""Whether a picture is whole: its blocks are walked through, none is decoded."""

from __future__ import annotations

import zlib

from app.web.agency.media import JPEG, PNG, TOO_LARGE_INSIDE, TWO_IN_ONE, NotTaken, broken

_MOST_PIXELS = 500_000_000  # an A0 sheet at 500 dots an inch has 330 million
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the markers that state a JPEG's size
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length


def _check_size(width: int, height: int) -> None:
    if width * height > _MOST_PIXELS:
        raise NotTaken(TOO_LARGE_INSIDE)


def check_png(data: bytes) -> None:
    """Every chunk with its checksum, from IHDR to IEND, and nothing behind. Raises `NotTaken`."""
    at = 8
    seen: list[bytes] = []
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        name = data[at + 4 : at + 8]
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(
            data[end - 4 : end], "big"
        ):
            raise broken(PNG)
        if not seen:
            if name != b"IHDR" or length != 13:
                raise broken(PNG)
            width, height = (int.from_bytes(data[n : n + 4], "big") for n in (at + 8, at + 12))
            if not width or not height:
                raise broken(PNG)
            _check_size(width, height)
        seen.append(name)
        at = end
        if name == b"IEND":
            break
    if not seen or seen[-1] != b"IEND" or b"IDAT" not in seen:
        raise broken(PNG)
    if at != len(data):
        raise NotTaken(TWO_IN_ONE)


def check_jpeg(data: bytes) -> None:
    """Every segment up to the picture's own data, and its end. Telephones write notes of their own behind the end;
    those are let be. Raises `NotTaken`."""
    at, sized = 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            break
        if marker in _FRAMES and length >= 8:
            height, width = (int.from_bytes(data[n : n + 2], "big") for n in (at + 5, at + 7))
            _check_size(width, height)
            sized = width > 0 and height > 0
        if marker == 0xDA:
            if sized and data.find(b"\xff\xd9", at + 2 + length) > 0:
                return
            break
        at += 2 + length
    raise broken(JPEG)
