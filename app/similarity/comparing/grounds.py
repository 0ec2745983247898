"""Why two proposals resemble each other, ground by ground, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Indel

from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.similarity.comparing.folding import Folded
from app.similarity.comparing.sides import Field, Side
from app.similarity.comparing.weighing import WHOLE
from app.similarity.facts import Comparable, Ground, Match, Reason

MOST_NAMED = 3  # items and names told in words; the rest are counted
_LONGEST_NAMES = 1000  # letters of two names together that are aligned; longer ones are one when equal
_SAME_NAME = 850  # per mille of letters kept that make two names one
_SAME_ITEM = 800  # per mille of an item's letters inside matches
_MOST_ALIKE = 50  # items of the same words
_TOLD = 100  # per mille of a field's letters inside matches that are worth telling
_ENOUGH = 5 * WHOLE

_PLACES = {
    "title": Text("ชื่อโครงการ", "title"),
    "title_th": Text("ชื่อโครงการ", "title"),
    "title_en": Text("ชื่อโครงการภาษาอังกฤษ", "English title"),
    "rationale": Text("หลักการและเหตุผล", "rationale"),
    "objectives": Text("วัตถุประสงค์", "objectives"),
    "outputs": Text("ผลผลิต", "outputs"),
    "indicators": Text("ตัวชี้วัด", "indicators"),
    "indicator": Text("ตัวชี้วัด", "indicators"),
    "curriculum": Text("หลักสูตร", "curriculum"),
    "standard": Text("มาตรฐาน", "standard"),
    "standard_scope": Text("ขอบเขตของมาตรฐาน", "scope of the standard"),
    "links": Text("การเชื่อมโยง", "links"),
    "service": Text("บริการกลาง", "central service"),
}
_OTHER_PLACE = Text("ข้อความ", "text")


@dataclass(frozen=True, slots=True)
class Shared:
    """What is the same on both sides. Shares are per mille; `items` pairs of item places, dearest first."""

    title: int
    items: tuple[tuple[int, int], ...]
    items_weight: int
    systems: tuple[str, ...]
    systems_weight: int
    partners: int
    partners_share: int


def shared(left: Comparable, right: Comparable, a: Side, b: Side, matches: Sequence[Match]) -> Shared:
    """Everything but the running text."""
    items = _same_items(left, right, a, b, matches)
    names = _same_names(a, b)
    around_left, around_right = left.agencies | left.partners, right.agencies | right.partners
    both = (around_left & around_right) - ({left.lead} & {right.lead})
    fewer = min(len(around_left), len(around_right))
    return Shared(
        title=_title_share(a, b),
        items=items,
        items_weight=sum(_distinct(a, "item", left.items[i].text) for i, _ in items),
        systems=tuple(sorted(names)),
        systems_weight=sum(names.values()),
        partners=len(both),
        partners_share=WHOLE * len(both) // fewer if fewer else 0,
    )


def _title_share(a: Side, b: Side) -> int:
    """How much of what weighs in the titles is in both, per mille of the lighter one; 0 where they weigh little."""
    best = 0
    for field in a.of("title"):
        for other in b.of("title"):
            fewer = min(a.weight_of(field.runs), b.weight_of(other.runs))
            if fewer >= _ENOUGH:
                best = max(best, WHOLE * a.weight_of(field.runs & other.runs) // fewer)
    return min(best, WHOLE)


def _distinct(side: Side, kind: str, typed: str) -> int:
    return next((side.weight_of(f.runs) for f in side.fields if f.kind == kind and f.typed == typed), 0)


def _same_items(
    left: Comparable, right: Comparable, a: Side, b: Side, matches: Sequence[Match]
) -> tuple[tuple[int, int], ...]:
    """Pairs of items (index left, index right): the same letters, or nearly all of both inside matches. Each item is
    in one pair at most; where several could pair, those with the same amount do."""
    letters_left = {f.typed: f.folded for f in a.of("item")}
    letters_right = {f.typed: f.folded for f in b.of("item")}
    place_left = {item.place: n for n, item in enumerate(left.items)}
    place_right = {item.place: n for n, item in enumerate(right.items)}
    near = {
        (left.items[place_left[m.left]].text, right.items[place_right[m.right]].text)
        for m in matches
        if m.left in place_left
        and m.right in place_right
        and _covers(letters_left, left.items[place_left[m.left]].text, m.left_start, m.left_end)
        and _covers(letters_right, right.items[place_right[m.right]].text, m.right_start, m.right_end)
    }
    by_letters: dict[str, list[str]] = {}
    for typed, folded in letters_right.items():
        by_letters.setdefault(folded.letters, []).append(typed)
    for typed, folded in letters_left.items():
        near |= {(typed, other) for other in by_letters.get(folded.letters, ())}
    at_left, at_right = _indexes(left), _indexes(right)
    pairs = sorted(
        (abs(here.amount - there.amount), -min(here.amount, there.amount), here.text, there.text, i, j)
        for one, other in near
        for i in at_left.get(one, ())
        for j in at_right.get(other, ())
        for here, there in [(left.items[i], right.items[j])]
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    chosen = []
    for _, dear, here_text, _, i, j in pairs:
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            chosen.append((dear, here_text, i, j))
    return tuple((i, j) for *_, i, j in sorted(chosen))


def _indexes(proposal: Comparable) -> dict[str, list[int]]:
    """Text of an item -> its first places; of hundreds of lines of the same words so many are paired."""
    at: dict[str, list[int]] = {}
    for n, item in enumerate(proposal.items):
        places = at.setdefault(item.text, [])
        if len(places) < _MOST_ALIKE:
            places.append(n)
    return at


def _covers(folded: Mapping[str, Folded], typed: str, start: int, end: int) -> bool:
    letters = folded.get(typed)
    return letters is not None and letters.behind(start, end) * WHOLE >= _SAME_ITEM * len(letters.letters)


def _same_names(a: Side, b: Side) -> dict[str, int]:
    """Names of systems, data sets, services and standards that both name -> what they weigh."""
    found: dict[str, int] = {}
    for field in a.of("system"):
        for other in b.of("system"):
            if _one_name(field, other):
                name = min(field.typed, other.typed)
                found[name] = max(found.get(name, 0), min(a.weight_of(field.runs), b.weight_of(other.runs)))
    return found


def _one_name(field: Field, other: Field) -> bool:
    here, there = field.folded.letters, other.folded.letters
    if here == there:
        return True
    letters = len(here) + len(there)
    # of a name much longer than the other, too little can be the same
    if letters > _LONGEST_NAMES or WHOLE * 2 * min(len(here), len(there)) < _SAME_NAME * letters:
        return False
    return WHOLE * (letters - Indel.distance(here, there)) >= _SAME_NAME * letters


def reasons_of(
    left: Comparable,
    right: Comparable,
    a: Side,
    b: Side,
    same: Shared,
    matches: Sequence[Match],
    likeness: int,
) -> tuple[Reason, ...]:
    """The grounds that hold, heaviest first."""
    found = [*_text_reason(a, b, matches, likeness), *_item_reason(left, right, same)]
    if same.title >= _TOLD * 3:
        found.append(
            Reason(
                Ground.TITLE,
                same.title,
                Text(
                    f"ชื่อโครงการใช้คำเฉพาะเดียวกันร้อยละ {same.title // 10}",
                    f"{same.title // 10}% of the particular words of the title are the same",
                ),
            )
        )
    if same.systems:
        named = _listed(same.systems)
        found.append(
            Reason(
                Ground.SYSTEM,
                min(same.systems_weight // 40, WHOLE),
                Text(
                    f"ระบุระบบ ชุดข้อมูล บริการ หรือมาตรฐานเดียวกัน: {named.th}",
                    f"Both name the same system, data set, service or standard: {named.en}",
                ),
            )
        )
    if same.partners:
        found.append(
            Reason(
                Ground.PARTNERS,
                same.partners_share,
                Text(
                    f"เกี่ยวข้องกับหน่วยงานเดียวกัน {same.partners} หน่วยงาน",
                    f"{same.partners} {'agency is' if same.partners == 1 else 'agencies are'} involved in both",
                ),
            )
        )
    found.sort(key=lambda reason: -reason.weight)
    if _continues(left, right):
        found.insert(
            0,
            Reason(
                Ground.CONTINUES,
                0,
                Text("ระบุไว้ว่าเป็นโครงการต่อเนื่องจากอีกโครงการหนึ่ง", "One says that it continues the other"),
            ),
        )
    if left.lead == right.lead:
        found.append(
            Reason(Ground.SAME_AGENCY, 0, Text("หน่วยงานเจ้าของโครงการเดียวกัน", "The same lead agency"))
        )
    return tuple(found)


def _continues(left: Comparable, right: Comparable) -> bool:
    return bool(
        (left.continues and left.continues == right.number)
        or (right.continues and right.continues == left.number)
    )


def _text_reason(a: Side, b: Side, matches: Sequence[Match], likeness: int) -> list[Reason]:
    shares = _shares(a, [(m.left, m.left_start, m.left_end) for m in matches])
    for place, share in _shares(b, [(m.right, m.right_start, m.right_end) for m in matches]).items():
        shares[place] = max(shares.get(place, 0), share)
    named: dict[Text, int] = {}
    for place, share in shares.items():
        if share >= _TOLD:
            named[place_name(place)] = max(named.get(place_name(place), 0), share)
    if not named:
        return []
    told = sorted(named.items(), key=lambda pair: (-pair[1], pair[0].th))
    th = ", ".join(f"{name.th}ร้อยละ {share // 10}" for name, share in told)
    en = ", ".join(f"{share // 10}% of the {name.en}" for name, share in told)
    return [
        Reason(
            Ground.TEXT,
            likeness,
            Text(f"ข้อความเหมือนหรือเกือบเหมือนกัน: {th}", f"The same or nearly the same words: {en}"),
        )
    ]


def _shares(side: Side, spans: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Place of a running text -> per mille of its letters inside the spans."""
    inside: dict[str, list[tuple[int, int]]] = {}
    for place, start, end in spans:
        inside.setdefault(place, []).append((start, end))
    shares = {}
    for field in side.of("text"):
        covered = reached = 0
        for start, end in sorted(inside.get(field.place, ())):
            start = max(start, reached)
            if end > start:
                covered += field.folded.behind(start, end)
                reached = end
        shares[field.place] = WHOLE * covered // len(field.folded.letters)
    return shares


def place_name(place: str) -> Text:
    """What a field is called in a sentence. The last part of the place that is known says it."""
    for part in reversed(place.replace("-", ".").split(".")):
        if part in _PLACES:
            return _PLACES[part]
    return _OTHER_PLACE


def _item_reason(left: Comparable, right: Comparable, same: Shared) -> list[Reason]:
    if not same.items:
        return []
    here = sum(left.items[i].amount for i, _ in same.items)
    there = sum(right.items[j].amount for _, j in same.items)
    whole = min(sum(i.amount for i in left.items), sum(i.amount for i in right.items))
    share = min(WHOLE, WHOLE * min(here, there) // whole) if whole > 0 else 0
    named = _listed([left.items[i].text for i, _ in same.items])
    low, high = format_baht(min(here, there)), format_baht(max(here, there))
    money = Text(f"รวม {low} บาท", f"{low} baht in all")
    if low != high:
        money = Text(f"รวม {low} และ {high} บาท", f"{low} and {high} baht in all")
    n = len(same.items)
    return [
        Reason(
            Ground.ITEMS,
            share,
            Text(
                f"มีรายการงบประมาณเดียวกัน {n} รายการ {money.th}: {named.th}",
                f"{n} budget {'item is' if n == 1 else 'items are'} the same, {money.en}: {named.en}",
            ),
        )
    ]


def _listed(names: Sequence[str]) -> Text:
    """The first names, and how many there are besides."""
    told = [f"“{_short(name)}”" for name in names[:MOST_NAMED]]
    more = len(names) - len(told)
    th, en = ", ".join(told), ", ".join(told)
    return Text(f"{th} และอีก {more}", f"{en} and {more} more") if more else Text(th, en)


def _short(name: str) -> str:
    return name if len(name) <= 90 else f"{name[:88].rstrip()}…"
