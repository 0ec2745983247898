"""The public site: the plan and its data, for whoever wants to know, without signing in.

Its pages are made of published releases and of nothing else, and are the same for everybody: no cookie is read or set, the
language stands in the address. So they can be kept, here and by any cache on the way.
"""

from app.web.site import crawlers, data, plan, projects
from app.web.site.frame import blueprint

__all__ = ["blueprint", "crawlers", "data", "plan", "projects"]
