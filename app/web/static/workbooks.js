// A workbook being read: ask every second how far it is; without script the page refreshes itself. Once nothing is being
// read any more, the whole page is new.

const here = () => document.querySelector('[data-upload="unread"]');

async function ask() {
  const shown = here();
  if (!shown) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('[data-upload="unread"]');
      if (!fresh) {
        location.reload();
        return;
      }
      if (fresh.innerHTML !== shown.innerHTML) shown.innerHTML = fresh.innerHTML;
    }
  } catch { /* the network may come back */ }
  setTimeout(ask, 1000);
}
setTimeout(ask, 1000);
