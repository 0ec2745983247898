"""Routes that learn to write their address when it is first asked for.

Why: werkzeug compiles two functions for each route, so that writing addresses is quick. With four hundred routes that was an
eighth of the application's start, and a process writes the addresses of a few dozen.
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule


class LateRule(Rule):
    """A route as werkzeug has it; what writes its address is compiled at the first `url_for`."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder

        def first(rule: Rule, /, **values: object) -> tuple[str, str]:
            builder: Callable[..., tuple[str, str]] = compile_now(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", builder)
            return builder(**values)

        return first
