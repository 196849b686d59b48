const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const text = (value) => String(value).replace(/[&<>"']/g, (character) => entities[character]);
const day = (time) => text(time.toISOString().slice(0, 16).replace("T", " "));

const entryItem = ({ name, message, signed }) => `
      <li>
        <p>${text(message)}</p>
        <footer>${text(name)}, <time>${day(signed)}</time></footer>
      </li>`;

const digestLine = ({ made, shown, held }) =>
  `<p class="quiet">Digest of ${day(made)} UTC: ${text(shown)} shown, ${text(held)} held back.</p>`;

export const page = ({ title, site, entries, digest, waiting }) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${text(title)}</title>
    ${site ? `<link rel="canonical" href="${text(site)}">` : ""}
    <style>
      :root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif }
      body { max-width: 34rem; margin: 3rem auto; padding: 0 1rem }
      form { display: grid; gap: .75rem }
      input, textarea, button { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }
      ul { list-style: none; padding: 0 }
      li { border-top: 1px solid #8886; padding: .5rem 0; overflow-wrap: anywhere }
      li p { margin: 0; white-space: pre-wrap }
      footer, .quiet { font-size: .85rem; opacity: .75 }
    </style>
  </head>
  <body>
    <h1>${text(title)}</h1>
    <form method="post" action="/">
      <label>Your name <input name="name" required maxlength="80" autocomplete="name"></label>
      <label>Your message <textarea name="message" required maxlength="1000" rows="3"></textarea></label>
      <button>Sign</button>
    </form>
    <ul>${entries.map(entryItem).join("")}
    </ul>
    <p class="quiet">${waiting > 0 ? `${text(waiting)} waiting to be looked at.` : "Every entry has been looked at."}</p>
    ${digest ? digestLine(digest) : ""}
  </body>
</html>
`;
