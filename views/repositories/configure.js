// Another region or size shows its plan in place, so that answers already typed stay where they are.
const form = document.querySelector("form.deploy");
let latest = 0;

document.addEventListener("change", (event) => {
  if (event.target.form?.matches(".choices")) event.target.form.requestSubmit();
});

document.addEventListener("submit", async (event) => {
  const choices = event.target;
  if (!choices.matches(".choices")) return;
  event.preventDefault();
  const mine = ++latest;
  const url = new URL(choices.action);
  url.search = new URLSearchParams(new FormData(choices)).toString();
  document.getElementById("plan").setAttribute("aria-busy", "true");
  try {
    const page = await read(url);
    if (mine === latest) show(page, url);
  } catch {
    location.assign(url);
  }
});

async function read(url) {
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function show(page, url) {
  const focused = document.activeElement?.id;
  document.getElementById("plan").replaceWith(page.getElementById("plan"));
  // What leads back to this page, or makes the same by hand, follows the choice.
  const parts = "#by-hand :is(a, pre code), a.connect, [name=to]";
  const [mine, theirs] = [document, page].map((one) => one.querySelectorAll(parts));
  for (const [index, part] of mine.entries()) {
    if (part.href) part.href = theirs[index].getAttribute("href");
    else if (part.name) part.value = theirs[index].value;
    else part.textContent = theirs[index].textContent;
  }
  for (const name of form ? ["region", "preset", "commit"] : [])
    form.elements[name].value = page.querySelector(`form.deploy [name="${name}"]`).value;
  if (focused) document.getElementById(focused)?.focus();
  history.replaceState(null, "", url);
}
