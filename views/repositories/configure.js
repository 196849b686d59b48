// Shows the plan of another region or size in place, so that typed answers stay.
const form = document.querySelector("form.deploy");
let latestRequest = 0;

document.addEventListener("change", (event) => {
  if (event.target.form?.matches(".choices")) event.target.form.requestSubmit();
});

document.addEventListener("submit", async (event) => {
  const choices = event.target;
  if (!choices.matches(".choices")) return;
  event.preventDefault();
  const request = ++latestRequest;
  const url = new URL(choices.action);
  url.search = new URLSearchParams(new FormData(choices)).toString();
  document.getElementById("plan").setAttribute("aria-busy", "true");
  try {
    const page = await fetchPage(url);
    if (request === latestRequest) show(page, url);
  } catch {
    location.assign(url);
  }
});

async function fetchPage(url) {
  const response = await fetch(url, { headers: { accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(page, url) {
  const focused = document.activeElement?.id;
  document.getElementById("plan").replaceWith(page.getElementById("plan"));
  // Links back to this page and the manual instructions follow the choice.
  const parts = "#by-hand :is(a, pre code), a.connect, [name=to]";
  const [targets, sources] = [document, page].map((root) => root.querySelectorAll(parts));
  for (const [index, part] of targets.entries()) {
    if (part.href) part.href = sources[index].getAttribute("href");
    else if (part.name) part.value = sources[index].value;
    else part.textContent = sources[index].textContent;
  }
  for (const name of form ? ["region", "preset", "commit"] : [])
    form.elements[name].value = page.querySelector(`form.deploy [name="${name}"]`).value;
  if (focused) document.getElementById(focused)?.focus();
  history.replaceState(null, "", url);
}
