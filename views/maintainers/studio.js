// Another choice shows itself at once. The server draws the page as ever; what differs is put in place.
const form = document.querySelector("form.studio");
let latest = 0;
let typing;

form.querySelector('[data-part="without-script"]').hidden = true;

form.addEventListener("change", show);
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(show, 250);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

async function show() {
  clearTimeout(typing);
  const mine = ++latest;
  const url = new URL(form.action);
  const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
  url.search = new URLSearchParams(chosen).toString();
  const preview = document.getElementById("preview");
  preview.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== latest) return;
    preview.replaceWith(page.getElementById("preview"));
    each(page, ".swatch img", (image, { src }) => {
      if (image.src !== src) image.src = src;
    });
    each(page, "#texts textarea", (text, { value, rows }) => Object.assign(text, { value, rows }));
    each(page, "#proposal", (link, { href }) => Object.assign(link, { href }));
    history.replaceState(null, "", url);
  } catch {
    if (mine === latest) location.assign(url);
  }
}

function each(page, selector, change) {
  const theirs = page.querySelectorAll(selector);
  for (const [index, one] of document.querySelectorAll(selector).entries()) change(one, theirs[index]);
}
