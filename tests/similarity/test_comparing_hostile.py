"""The comparison of texts as they come: empty, endless, misspelt, misread by machines."""

from __future__ import annotations

import random
import unicodedata

import pytest

from app.similarity.comparing import aligning, sides
from app.similarity.comparing.folding import LONGEST, fold
from app.similarity.facts import Comparable, Ground
from app.similarity.rules import WORKING_THRESHOLD, commonness_of, compare, said_by
from tests.similarity.comparables import FARMERS, LIBRARY, SET_WORDS, proposal, typed

ALIKE = [
    ("น้ำ", "น้ํา"),  # decomposed, the tone first
    ("น้ำ", "นํ้า"),  # decomposed, the tone last
    ("น้ำ", "น้า"),  # the ring lost
    ("กำหนด", "กําหนด"),
    ("แพลตฟอร์ม", "เเพลตฟอร์ม"),  # two เ for แ
    ("ให้ใหม่", "ไห้ไหม่"),
    ("๒๕๖๗ ปี", "2567 ปี"),
    ("ระบบ\u200bงาน", "ระบบงาน"),
    ("DATA.GO.TH", "data go th"),
    ("Linkage Centre", "ศูนย์เชื่อมโยงข้อมูลทะเบียนราษฎร"),
    ("data sets", "ชุดข้อมูล"),
    ("ต่าง ๆ", "ต่าง"),
]
UNLIKE = [("domain", "dom"), ("email", "em"), ("ชาม", "ชม"), ("taxi", "ภาษี"), ("APIS", "แอป")]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_reads_the_same_folds_to_the_same_letters(one: str, other: str) -> None:
    assert fold(one).letters == fold(other).letters != ""


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_what_reads_otherwise_stays_otherwise(one: str, other: str) -> None:
    assert fold(one).letters != fold(other).letters


@pytest.mark.parametrize(
    "text",
    [FARMERS, "Linkage Center และ GDX", "นํ้า\u200bเเละ GDX ๑๒", "  ๆ", unicodedata.normalize("NFD", "น้ำ é")],
)
def test_every_folded_letter_knows_where_it_was_typed(text: str) -> None:
    folded = fold(text)
    assert len(folded.letters) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


def test_a_term_is_found_only_as_a_word_of_its_own() -> None:
    assert "ปัญญาประดิษฐ" in fold("ใช้ AI ช่วย").letters
    assert "ปัญญาประดิษฐ" not in fold("email AIS").letters


def test_the_way_back_from_a_term_is_the_whole_term() -> None:
    left = proposal(1, "โครงการใช้ Linkage Center ตรวจสอบสิทธิผู้ประกันตน")
    right = proposal(2, "งานศูนย์เชื่อมโยงข้อมูลทะเบียนราษฎร ตรวจสอบสิทธิผู้ประกันตน")
    (match,) = compare(left, right).matches
    assert typed(left)[match.left][match.left_start : match.left_end].endswith("ตรวจสอบสิทธิผู้ประกันตน")
    assert "ศูนย์" in typed(right)[match.right][match.right_start : match.right_end]


@pytest.mark.parametrize("text", ["", " ", "ระบบ", "๑๒๓ 456", "…!?", "ๆ", "\n\n", "\ufeff\u200b", "a", "่้"])
def test_hardly_any_text_resembles_nothing(text: str) -> None:
    one, other = (
        proposal(1, text, rationale=text, items=((text, 1),), systems=(text,)),
        proposal(2, rationale=FARMERS),
    )
    assert compare(one, other).score < WORKING_THRESHOLD
    assert compare(one, proposal(3, text, rationale=text)).score < WORKING_THRESHOLD
    assert compare(one, other).matches == ()


def test_two_empty_proposals_are_not_the_same() -> None:
    comparison = compare(proposal(1), proposal(2))
    assert (comparison.score, comparison.reasons, comparison.matches) == (0, (), ())


def test_set_words_alone_resemble_nothing() -> None:
    everybody = commonness_of(said_by(proposal(n, rationale=SET_WORDS)) for n in range(8))
    assert compare(proposal(1, rationale=SET_WORDS), proposal(2, rationale=SET_WORDS), everybody).score == 0


def _broken(text: str, seed: int, share: int) -> str:
    """As a scanner reads it: tones lost, one letter in `share` taken for another."""
    dice = random.Random(seed)
    letters = [c for c in text if not ("\u0e48" <= c <= "\u0e4b" and dice.random() < 0.5)]
    return "".join(
        chr(dice.randrange(0x0E01, 0x0E2F)) if c != " " and dice.randrange(share) == 0 else c for c in letters
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_read_by_a_scanner_is_still_found(seed: int) -> None:
    text = f"{FARMERS} {LIBRARY}"
    clean, broken = proposal(1, rationale=text), proposal(2, rationale=_broken(text, seed, 12))
    comparison = compare(clean, broken)
    assert comparison.score >= WORKING_THRESHOLD
    assert comparison.matches
    assert all(m.likeness > 500 for m in comparison.matches)


def test_mixed_languages_and_digits() -> None:
    text = "ระบบ I-24/7 ของ INTERPOL เชื่อม API 3 ชุด (Passport, ลายนิ้วมือ) ภายใน ๑๐ วินาที"
    again = "ระบบ I-24/7 ของ ตำรวจสากล เชื่อม เอพีไอ 5 ชุด (passport ลายนิ้วมือ) ภายใน 10 วินาที"
    assert compare(proposal(1, rationale=text), proposal(2, rationale=again)).score >= 2 * WORKING_THRESHOLD


ENDLESS = [
    ("กข" * 25_000, "ขก" * 25_000),
    ("ก" * 50_000, "ก" * 50_000),
    (("ก" * 600 + "ข") * 83, ("ก" * 601 + "ค") * 83),
    (f"{FARMERS} {LIBRARY} " * 130, f"{LIBRARY} {FARMERS} " * 130),
    ("AI " * 16_000, "เอไอ " * 10_000),
]


@pytest.mark.parametrize(("one", "other"), ENDLESS)
def test_endless_texts_take_a_bounded_number_of_steps(
    one: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: places tried while aligning, and how long the spans are that are measured."""
    tried: list[int] = []
    true_same = aligning._same

    def counted(left: str, at: int, right: str, place: int) -> int:
        length = true_same(left, at, right, place)
        tried.append(length)
        return length

    monkeypatch.setattr(aligning, "_same", counted)
    comparison = compare(proposal(1, rationale=one[:50_000]), proposal(2, rationale=other[:50_000]))
    letters = 50_000 + 12
    assert len(tried) <= aligning.MOST_PLACES * letters
    assert max(tried, default=0) <= aligning.LONGEST_SPAN
    assert len(comparison.matches) <= aligning.MOST_MATCHES
    assert 0 <= comparison.score <= 1000


def test_names_as_long_as_texts_are_one_only_when_equal() -> None:
    name = FARMERS * 10
    same = compare(proposal(1, systems=(name,)), proposal(2, systems=(name,)))
    nearly = compare(proposal(1, systems=(name,)), proposal(2, systems=(f"{name}นะ",)))
    assert Ground.SYSTEM in [r.ground for r in same.reasons]
    assert Ground.SYSTEM not in [r.ground for r in nearly.reasons]


def test_what_lies_beyond_the_bounds_is_left_out() -> None:
    assert len(fold("ก" * (LONGEST + 5)).letters) == LONGEST
    many = tuple((f"{FARMERS[n % 90 :]} {n}" * 20, 1) for n in range(60))
    side = sides.side_of(proposal(1, items=many), commonness_of([]))
    assert sum(len(f.folded.letters) for f in side.fields) <= sides.MOST_LETTERS


def test_hundreds_of_lines_of_the_same_words_are_paired_up_to_a_bound() -> None:
    items = tuple(("ค่าจ้างพัฒนาโปรแกรมจับคู่รายชื่อข้ามทะเบียน", n) for n in range(500))

    def alike(one: Comparable, other: Comparable) -> str:
        return compare(one, other).reasons[0].text.en

    assert alike(proposal(1, items=items), proposal(2, items=items)).startswith(
        "50 budget items are the same"
    )
    assert alike(proposal(1, items=items[:5]), proposal(2, items=items)).startswith(
        "5 budget items are the same"
    )
