// Brings the numbers up to date without a reload; without script the page is as it was when it was opened.
const every = 10_000;
const before = new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.id, part.innerHTML.trim()]));

async function renew() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const here = document.getElementById(part.id);
    const now = part.innerHTML.trim();
    // Only what has changed: who is reading a table keeps their place in it.
    if (!here || before.get(part.id) === now) continue;
    here.replaceChildren(...part.childNodes);
    before.set(part.id, now);
  }
}

setInterval(() => renew().catch(() => {}), every);
document.addEventListener("visibilitychange", () => renew().catch(() => {}));
