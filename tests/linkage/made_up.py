"""Made-up calls of any size for drawings and orders. Deterministic."""

from __future__ import annotations

import random

from app.linkage.facts import Claims
from app.proposals.facts import Answer
from tests.linkage.claims import STAGES, claims, link

_WORDS = ("ทะเบียน", "ข้อมูล", "เกษตรกร", "ที่ดิน", "ผู้ประกันตน", "สุขภาพ", "นิติบุคคล", "ยานพาหนะ", "แรงงาน", "น้ำ")


def make_claims(count: int, seed: int = 1) -> list[Claims]:
    """`count` proposals of some fifty agencies, each with up to four links and a service now and then."""
    chance = random.Random(seed)
    agencies = [f"a{n}" for n in range(50)]
    made = []
    for key in range(1, count + 1):
        lead = chance.choice(agencies)
        links = [
            link(
                "".join(chance.sample(_WORDS, 2)),
                chance.choice(agencies),
                chance.choice(("consumes", "provides", "both")),
                chance.choice(list(Answer)),
                channel=chance.choice(("gdx", "direct_api", "data_go_th")),
            )
            for _ in range(chance.randrange(5))
        ]
        service = "บริการ" + "".join(chance.sample(_WORDS, 3)) if chance.random() < 0.3 else ""
        made.append(
            claims(
                key,
                lead,
                *links,
                service=service,
                users=chance.sample(agencies, chance.randrange(4)),
                participants=[code for code in chance.sample(agencies, 2) if code != lead],
                stage=chance.choice(STAGES),
                state=chance.choice(("passed", "passed", "failed")),
            )
        )
    return made
