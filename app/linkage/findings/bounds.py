"""Where the rules draw their lines."""

from __future__ import annotations

MANY = 3  # from so many proposals on, a provider is one that many depend on
NEARLY_SAME = 88  # per cent of letters in common from which two names of services are taken for one
SHORTEST_NAME = 6  # letters; shorter names resemble each other by chance, and must be the same

# platforms that hold or publish the data themselves: whoever links through them needs no other agency to offer it
OFFERING_PLATFORMS = frozenset({"platform:linkage_center", "platform:data_go_th", "platform:tax_where"})
