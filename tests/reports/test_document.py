from dataclasses import replace
from datetime import datetime

import pytest

from reports import Beside, Chart, Clause, Clauses, Column, Contents, Series, Table


def test_table_refuses_what_cannot_be_printed():
    column = Column("a", "ก", "int")
    with pytest.raises(ValueError, match="one key"):
        Table("t", "t", (column, column), ())
    with pytest.raises(ValueError, match="values expected"):
        Table("t", "t", (column,), ((1, 2),))
    with pytest.raises(ValueError, match="one row style"):
        Table("t", "t", (column,), ((1,),), row_styles=("in", "out"))
    with pytest.raises(ValueError, match="unknown row styles"):
        Table("t", "t", (column,), ((1,),), row_styles=("purple",))
    with pytest.raises(ValueError, match="carry forward"):
        Table("t", "t", (Column("a", "ก"),), (), carry_forward=("a",))


def test_rows_may_be_mappings():
    columns = (Column("a", "ก", "int", total="sum"), Column("b", "ข", total="count"))
    table = Table("t", "t", columns, ({"b": "x", "a": 1}, {"a": 2}))
    assert [list(row) for row in table.values()] == [[1, "x"], [2, None]]
    assert (table.total(0), table.total(1)) == (3, 1)


def test_chart_series_must_match_the_categories():
    with pytest.raises(ValueError, match="categories"):
        Chart("t", "q", "bar", ("a", "b"), (Series("s", (1,)),))


def test_document_needs_a_time_zone_and_distinct_names(paper):
    document = paper()
    with pytest.raises(ValueError, match="time zone"):
        replace(document, made_at=datetime(2022, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="one name"):
        replace(document, blocks=(document.table("ranked"), document.table("ranked")))


@pytest.mark.parametrize(
    ("levels", "first", "numbers"),
    [
        ((), 1, []),
        ((1, 1, 2, 2, 0, 1, 2), 1, ["1", "2", "2.1", "2.2", "", "3", "3.1"]),
        ((1, 2, 3, 3, 2, 3, 1, 3), 4, ["4", "4.1", "4.1.1", "4.1.2", "4.2", "4.2.1", "5", "5.0.1"]),
        ((2, 0, 2), 1, ["0.1", "", "0.2"]),
    ],
)
def test_clauses_are_counted_by_level(levels, first, numbers):
    clauses = Clauses(tuple(Clause("ก", level) for level in levels), first=first)
    assert clauses.numbers() == numbers


def test_paper_blocks_refuse_what_cannot_be_printed(paper):
    chart = paper().charts[0]
    with pytest.raises(ValueError, match="side by side"):
        Beside(())
    with pytest.raises(ValueError, match="side by side"):
        Beside((chart,) * 4)
    with pytest.raises(ValueError, match="level"):
        Clause("ก", 4)
    with pytest.raises(ValueError, match="one table of contents"):
        replace(paper(), blocks=(Contents(), Contents()))


def test_charts_side_by_side_are_charts_of_the_document(paper):
    document = paper()
    chart = document.charts[0]
    assert replace(document, blocks=(Beside((chart, chart)), chart)).charts == (chart,) * 3
