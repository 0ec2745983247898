"""What the pages of signing in and of the account share."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template
from werkzeug.wrappers import Response

from app.identity.facts import Actor
from app.identity.rules import SIGN_IN_WINDOW, must_have_second_factor
from app.kernel.config import Config
from app.kernel.findings import Problem
from app.kernel.provider_settings import Provider
from app.kernel.text import Text
from app.web.errors import PAGES
from app.web.forms import Form, Line, Secret

blueprint = Blueprint("account", __name__)

REFUSED = Text(
    "อีเมลหรือรหัสผ่านไม่ถูกต้อง หรือบัญชีถูกระงับ",
    "The e-mail or password is not right, or the account is disabled",
)
_NOT_SAME = Text("รหัสผ่านสองช่องไม่ตรงกัน", "The two passwords differ")

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


class SignInForm(Form):
    email = Line(Text("อีเมล", "E-mail"), needed=True, longest=254)
    password = Secret(Text("รหัสผ่าน", "Password"), needed=True)


class CodeForm(Form):
    """A one-time or recovery code; `identity.codes` reads what people type."""

    code = Secret(Text("รหัสที่แสดงในแอป", "The code shown in the app"), needed=True)


class NewPasswordForm(Form):
    """A new password, typed twice; the rules of `identity` judge it."""

    current = Secret(Text("รหัสผ่านปัจจุบัน", "Current password"))
    password = Secret(Text("รหัสผ่านใหม่", "New password"), needed=True)
    again = Secret(Text("รหัสผ่านใหม่อีกครั้ง", "New password again"), needed=True)

    def problems(self) -> tuple[Problem, ...]:
        found = super().problems()
        if not found and self.password.data != self.again.data:
            return (Problem("again", _NOT_SAME),)
        return found


def settings() -> Config:
    """What this installation is told."""
    config: Config = current_app.config["DGI"]
    return config


def secret_key() -> str:
    """The key that signs cookies and seals secrets."""
    return str(current_app.config["SECRET_KEY"])


def offered_providers() -> tuple[Provider, ...]:
    """The providers a page offers. Its forms end at their pages, which the browser must be told (`headers`)."""
    providers = settings().providers
    g.form_targets = tuple(origin for provider in providers for origin in provider.origins)
    return providers


def mail_is_set_up() -> bool:
    """Whether e-mails leave this installation, or wait to be read here."""
    return settings().mail.server is not None


def is_staff(actor: Actor) -> bool:
    """Whether this person cannot do without a second factor here."""
    return must_have_second_factor(actor.roles, is_demo=settings().demo)


def too_many() -> Page:
    """Wrong passwords or codes, too many of them: wait."""
    page = render_template("errors/page.html", page=PAGES[429], status=429)
    return page, 429, {"Retry-After": str(int(SIGN_IN_WINDOW.total_seconds()))}
