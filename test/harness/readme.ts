import { once } from "node:events";
import { createServer } from "node:http";

/** Serves a README as a forge shows it: on another site, with the badge as an image in a link. */
export const serveReadmeWithBadge = (badge: string, page: string) =>
  serveReadme(`<!doctype html><title>README</title><p><a href="${page}"><img alt="Deploy" src="${badge}"></a></p>`);

/** Serves a rendered README. */
export async function serveReadme(html: string) {
  const server = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
