import { once } from "node:events";
import { createServer } from "node:http";

/** A README as a forge shows it: on another site, with the badge as an image in a link. */
export const serveReadme = (badge: string, page: string) =>
  serveHtml(`<!doctype html><title>README</title><p><a href="${page}"><img alt="Deploy" src="${badge}"></a></p>`);

/** The same for what a README was rendered to. */
export async function serveHtml(html: string) {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
