// Papers being printed: ask every two seconds how far they are; without script the page refreshes itself.
"use strict";

const list = () => document.querySelector("[data-papers]");
const ask = async () => {
  const here = list();
  if (!here || !("waiting" in here.dataset)) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-papers]");
    if (answer.ok && fresh && fresh.outerHTML !== here.outerHTML) here.replaceWith(fresh);
  } catch { /* the network may come back */ }
  setTimeout(ask, 2000);
};
setTimeout(ask, 2000);
