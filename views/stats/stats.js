// Refreshes the numbers without a reload.
const intervalMs = 10_000;
const shown = new Map(
  [...document.querySelectorAll("[data-live]")].map((region) => [region.id, region.innerHTML.trim()]),
);

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const region of page.querySelectorAll("[data-live]")) {
    const target = document.getElementById(region.id);
    const markup = region.innerHTML.trim();
    // Replaces only what has changed, so that readers keep their place in a table.
    if (!target || shown.get(region.id) === markup) continue;
    target.replaceChildren(...region.childNodes);
    shown.set(region.id, markup);
  }
}

setInterval(() => refresh().catch(() => {}), intervalMs);
document.addEventListener("visibilitychange", () => refresh().catch(() => {}));
