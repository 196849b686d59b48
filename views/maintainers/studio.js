// Shows each choice at once: the server renders the page, and the parts that differ are replaced.
const form = document.querySelector("form.studio");
let latestRequest = 0;
let inputTimer;

form.querySelector('[data-part="without-script"]').hidden = true;

form.addEventListener("change", show);
form.addEventListener("input", () => {
  clearTimeout(inputTimer);
  inputTimer = setTimeout(show, 250);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

async function show() {
  clearTimeout(inputTimer);
  const request = ++latestRequest;
  const url = new URL(form.action);
  const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
  url.search = new URLSearchParams(chosen).toString();
  const preview = document.getElementById("preview");
  preview.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { headers: { accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (request !== latestRequest) return;
    preview.replaceWith(page.getElementById("preview"));
    updateEach(page, ".swatch img", (image, { src }) => {
      if (image.src !== src) image.src = src;
    });
    updateEach(page, "#texts textarea", (text, { value, rows }) => Object.assign(text, { value, rows }));
    updateEach(page, "#proposal", (link, { href }) => Object.assign(link, { href }));
    history.replaceState(null, "", url);
  } catch {
    if (request === latestRequest) location.assign(url);
  }
}

function updateEach(page, selector, change) {
  const replacements = page.querySelectorAll(selector);
  for (const [index, element] of document.querySelectorAll(selector).entries()) change(element, replacements[index]);
}
