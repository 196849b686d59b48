import { createServer } from "node:http";
import { addEntry, database, latestDigest, shownEntries } from "./database.js";
import { page } from "./page.js";
import { openQueue } from "./queue.js";

const { PORT = "3000", HOST, TITLE = "Guestbook", SITE_URL } = process.env;
const queue = await openQueue();

async function form(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 10_000) return null;
  }
  return new URLSearchParams(body);
}

async function show(response) {
  const [entries, digest, waiting] = await Promise.all([shownEntries(), latestDigest(), queue.waiting()]);
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
  });
  response.end(page({ title: TITLE, site: SITE_URL, entries, digest, waiting }));
}

async function sign(request, response) {
  const fields = await form(request);
  const name = fields?.get("name")?.trim().slice(0, 80);
  const message = fields?.get("message")?.trim().slice(0, 1000);
  if (!name || !message) {
    response.writeHead(422, { "content-type": "text/plain" }).end("Please give a name and a message.\n");
    return;
  }
  await queue.put(await addEntry(name, message));
  response.writeHead(303, { location: "/" }).end();
}

async function answer(request, response) {
  if (request.url === "/" && request.method === "GET") return show(response);
  if (request.url === "/" && request.method === "POST") return sign(request, response);
  if (request.url === "/up") return response.end("ok\n");
  return response.writeHead(404, { "content-type": "text/plain" }).end("There is only one page here.\n");
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
    response.end("Something went wrong; the log says what.\n");
  });
});

server.listen(Number(PORT), HOST, () => console.log(`The guestbook listens on port ${PORT}`));
process.on("SIGTERM", () => {
  server.close(async () => {
    await queue.close();
    await database.end();
  });
});
