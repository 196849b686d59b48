const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const text = (value) => value.replace(/[&<>"']/g, (character) => entities[character]);

export const page = ({ greeting, host, visits }) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${text(greeting)}</title>
    <style>
      :root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif }
      body { display: grid; min-height: 100vh; margin: 0; place-content: center; text-align: center }
      h1 { margin: 0; font-size: clamp(2rem, 8vw, 4rem); line-height: 1.1 }
    </style>
  </head>
  <body>
    <main>
      <h1>${text(greeting)}</h1>
      <p>This page is ${text(host)}'s. ${visits === 1 ? "Welcome." : `You were here ${visits} times.`}</p>
    </main>
  </body>
</html>
`;
