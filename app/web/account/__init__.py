"""Signing in by password or through a provider, with a second factor; the account; the first password."""

from app.web.account import outside, own, second_factor, second_step, signing_in
from app.web.account.desk import REFUSED, blueprint, mail_is_set_up

__all__ = [
    "REFUSED",
    "blueprint",
    "mail_is_set_up",
    "outside",
    "own",
    "second_factor",
    "second_step",
    "signing_in",
]
