import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { page } from "./page.js";

const { GREETING = "Hello", NAME_OF_HOST, SESSION_SECRET, PORT = "3000", HOST } = process.env;
if (!NAME_OF_HOST || !SESSION_SECRET) {
  console.error("NAME_OF_HOST and SESSION_SECRET have to be set");
  process.exit(1);
}

const sign = (text) => createHmac("sha256", SESSION_SECRET).update(text).digest("base64url");

/** How often this visitor was here, if the cookie is one of ours. */
function visitsIn(cookies = "") {
  const [, count, signature] = /(?:^|; )visits=(\d{1,9})\.([\w-]{43})(?:;|$)/.exec(cookies) ?? [];
  if (!count) return 0;
  return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(count))) ? Number(count) : 0;
}

const server = createServer((request, response) => {
  if (request.url !== "/") {
    response.writeHead(404, { "content-type": "text/plain" }).end("There is only one page here.\n");
    return;
  }
  const visits = visitsIn(request.headers.cookie) + 1;
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "set-cookie": `visits=${visits}.${sign(String(visits))}; HttpOnly; SameSite=Lax; Max-Age=31536000`,
  });
  response.end(page({ greeting: GREETING, host: NAME_OF_HOST, visits }));
});

server.listen(Number(PORT), HOST, () => console.log(`Hello listens on port ${PORT}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
