"""Candidates are the same every time, miss next to nothing of the exact search, and no text does them harm."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from app.cli.bench.overlap_search import measure, measure_exact
from app.cli.bench.overlap_texts import make_filings
from app.similarity.features import AT_ONCE, count_features
from app.similarity.search import LEAST, MARKED, TOP, Candidate, Index, Pair, _weigh
from app.similarity.texts import SearchText

WATER = "ระบบเฝ้าระวังคุณภาพน้ำในแม่น้ำสายหลักด้วยเซนเซอร์อัตโนมัติ"
ROADS = "การขึ้นทะเบียนผู้ขับขี่รถสาธารณะและตรวจสอบประวัติอาชญากรรม"
HERBS = "คลังข้อมูลพันธุ์สมุนไพรและตำรับยาแผนไทย"


def text(key: int, names: str, prose: str = "", marks: tuple[str, ...] = ()) -> SearchText:
    return SearchText(key, names, prose, frozenset(marks))


def buckets(names: str) -> list[int]:
    return count_features([text(0, names)]).buckets.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ระบบน้ำประปา", "ระบบนํ้าประปา"),  # SARA AM decomposed, the tone after
        ("ระบบน้ำประปา", "ระบบน้ํา ประ ปา"),  # decomposed with the tone before, spaces of a scanner
        ("แพลตฟอร์มกลาง", "เเพลตฟอร์มกลาง"),  # two SARA E for SARA AE
        ("ศูนย์ข้อมูล ระยะที่ ๓", "ศูนย์ข้อมูลระยะที่ 12"),
        ("ใบอนุญาตก่อสร้าง", "ใบอนุญาตกอสราง"),  # tones lost
        ("Smart Office", "SMART-OFFICE"),
        ("ข้อมูล​เปิด\ufeffภาครัฐ", "ข้อมูลเปิดภาครัฐ"),
    ],
)
def test_what_looks_the_same_has_the_same_features(one: str, other: str) -> None:
    assert buckets(one) == buckets(other) != []


def test_features_do_not_cross_from_one_field_into_the_next() -> None:
    assert buckets("กขคงจ\nฉชซญด") == sorted({*buckets("กขคงจ"), *buckets("ฉชซญด")})


def test_many_texts_at_once_have_the_features_each_has_alone() -> None:
    texts = list(make_filings(300).texts())
    together = count_features(texts)
    ends = np.cumsum(together.sizes)
    for n in (0, 17, 299):
        alone = count_features([texts[n]])
        part = slice(ends[n] - together.sizes[n], ends[n])
        assert together.buckets[part].tolist() == alone.buckets.tolist()
        assert together.times[part].tolist() == alone.times.tolist()


def exact_pairs(texts: list[SearchText]) -> set[tuple[int, int]]:
    """All against all without any shortcut, over the same features."""
    index = Index.build(texts)
    rows = _weigh(count_features(texts), index._idf)
    likeness = np.rint((rows @ rows.T).toarray() * 1000).astype(int)
    found = set()
    for n, one in enumerate(texts):
        others = [m for m in range(len(texts)) if m != n and likeness[n, m] >= LEAST]
        for m in sorted(others, key=lambda m: (-likeness[n, m], texts[m].key))[:TOP]:
            found.add((min(one.key, texts[m].key), max(one.key, texts[m].key)))
    return found


def test_all_pairs_are_those_of_the_exact_search() -> None:
    made = make_filings(600)
    texts = list(made.texts())
    found = {(pair.low, pair.high) for pair in Index.build(texts).all_pairs()}
    exact = exact_pairs(texts)
    assert len(exact) > 100
    assert len(found & exact) >= len(exact) * 99 // 100
    assert {(min(two), max(two)) for two in made.copies} <= found


def test_one_against_all_finds_what_all_pairs_find() -> None:
    made = make_filings(400)
    texts = list(made.texts())
    index = Index.build(texts)
    pairs = list(index.all_pairs())
    for copy, original in made.copies:
        assert original in [c.key for c in index.against(texts[copy])]
        assert Pair(*sorted((copy, original)), dict(_scores(pairs))[min(copy, original), max(copy, original)])


def _scores(pairs: list[Pair]) -> list[tuple[tuple[int, int], int]]:
    return [((pair.low, pair.high), pair.likeness) for pair in pairs]


def test_the_order_of_texts_changes_nothing() -> None:
    texts = list(make_filings(300).texts())
    mixed = list(texts)
    Random(7).shuffle(mixed)
    one, other = Index.build(texts), Index.build(mixed)
    assert {(p.low, p.high) for p in one.all_pairs()} == {(p.low, p.high) for p in other.all_pairs()}
    assert list(one.all_pairs()) == list(one.all_pairs())
    assert one.against(texts[5]) == other.against(texts[5])


def test_ties_go_to_the_lower_key() -> None:
    index = Index.build([text(key, WATER) for key in (9, 4, 7, 5)])
    assert index.against(text(0, WATER), top=2) == [Candidate(4, 1000), Candidate(5, 1000)]
    assert index.against(text(0, WATER), leave_out=(4, 7), top=2) == [Candidate(5, 1000), Candidate(9, 1000)]
    assert [(p.low, p.high) for p in index.all_pairs(top=1)] == [(4, 5), (4, 7), (4, 9)]


def test_a_text_does_not_find_itself() -> None:
    index = Index.build([text(1, WATER), text(2, ROADS)])
    assert index.against(text(1, WATER)) == []


def test_texts_added_are_found_and_texts_taken_out_are_not() -> None:
    index = Index.build([text(1, WATER), text(2, ROADS)])
    index.add(text(3, f"{WATER} ระยะที่ 2", marks=("name:water",)))
    assert [c.key for c in index.against(text(0, WATER))] == [1, 3]
    assert index.against(text(0, HERBS, marks=("name:water",))) == [Candidate(3, MARKED)]
    assert 3 in index
    assert len(index) == 3
    for key in (1, 3, 99):
        index.discard(key)
    assert index.against(text(0, WATER, marks=("name:water",))) == []
    index.add(text(1, HERBS))  # the same key may come again
    assert [c.key for c in index.against(text(0, HERBS))] == [1]
    with pytest.raises(ValueError, match="anew"):
        list(index.all_pairs())


def test_an_index_is_due_when_a_tenth_of_it_changed_but_not_for_a_few() -> None:
    index = Index.build(make_filings(300).texts())
    for n in range(30):
        index.add(text(1000 + n, WATER))
    assert not index.is_due
    assert index.is_due_after(1)
    index.discard(5)
    assert index.is_due


def test_one_key_for_two_texts_is_refused() -> None:
    with pytest.raises(ValueError, match="one key"):
        Index.build([text(1, WATER), text(1, ROADS)])
    index = Index.build([text(1, WATER)])
    with pytest.raises(ValueError, match="already"):
        index.add(text(1, ROADS))


def test_the_same_name_finds_where_text_alone_is_thin() -> None:
    index = Index.build([text(1, WATER, marks=("name:gdx",)), text(2, ROADS)])
    assert index.against(text(3, HERBS, marks=("name:gdx",))) == [Candidate(1, MARKED)]
    both = Index.build([text(1, WATER, marks=("name:gdx",)), text(2, ROADS, marks=("name:gdx",))])
    assert list(both.all_pairs()) == [Pair(1, 2, MARKED)]


def test_a_name_that_everybody_names_finds_nobody() -> None:
    texts = [text(n, f"{n}" * 5, marks=("name:civil register",)) for n in range(13)]
    index = Index.build(texts)
    assert list(index.all_pairs()) == []
    assert index.against(text(99, HERBS, marks=("name:civil register",))) == []


BOILERPLATE = "พระราชบัญญัติการบริหารงานและการให้บริการภาครัฐผ่านระบบดิจิทัล พ.ศ. 2562"


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        " ",
        "\n\n\n",
        "ก",
        "ระบบ",
        "12345 ๖๗๘",
        "\ud800\udfff\ud800",
        "\x00\x01 ก\x00ขคง",
        "😀" * 50,
        "ก" + "\u0e48" * 3000,
        "กขคงจฉชซ" * 6250,  # 50,000 letters of few runs
        "".join(chr(0x0E01 + (n * n + n // 7) % 46) for n in range(50_000)),
        "".join(chr(n) for n in range(0x3000, 0x9000)),
    ],
    ids=lambda hostile: f"{len(hostile)} letters",
)
def test_no_text_does_harm(hostile: str) -> None:
    corpus = [
        text(1, WATER, BOILERPLATE),
        text(2, hostile, hostile),
        text(3, hostile, hostile),
        text(4, "", ""),
    ]
    index = Index.build(corpus)
    for pair in index.all_pairs():
        assert (pair.low, pair.high) == (2, 3)
    index.add(text(5, hostile))
    assert 1 not in [c.key for c in index.against(text(6, hostile, hostile))]
    assert [c.key for c in index.against(text(6, WATER))] == [1]


def test_boilerplate_alone_finds_nobody_once_everybody_writes_it() -> None:
    own = list(make_filings(500).texts())
    index = Index.build([replace(one, prose=f"{one.prose}\n{BOILERPLATE}") for one in own])
    assert index.against(text(-1, "", BOILERPLATE)) == []


def test_an_empty_index_knows_nothing_and_takes_texts() -> None:
    index = Index.build([])
    assert index.against(text(1, WATER)) == []
    assert list(index.all_pairs()) == []
    index.add(text(1, WATER))
    assert [c.key for c in index.against(text(2, WATER))] == [1]


def test_more_texts_than_fit_at_once() -> None:
    texts = [text(n, f"{WATER} {n}" if n in (3, AT_ONCE + 9) else "") for n in range(AT_ONCE + 10)]
    assert list(Index.build(texts).all_pairs()) == [Pair(3, AT_ONCE + 9, 1000)]


def test_what_the_bench_measures_is_the_search() -> None:
    made = make_filings(400)
    figures = measure(made)
    assert figures["planted"] == 1
    assert figures["pairs"] == len(list(Index.build(made.texts()).all_pairs()))
    assert measure_exact(made) == {"exact": figures["pairs"], "recall": 1}
    assert [one.names for one in make_filings(50).texts()] == [one.names for one in make_filings(50).texts()]
