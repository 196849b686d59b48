// What everything is compared with: Node's own server and one answer. No types, so that nothing has to be stripped.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const body = readFileSync(process.env.BODY ?? import.meta.filename, "latin1");
const headers = {
  "content-type": process.env.TYPE ?? "text/plain",
  "content-length": body.length,
  "cache-control": "public, max-age=10800",
  etag: '"bare"',
};
createServer((_, res) => res.writeHead(200, headers).end(body, "latin1")).listen(Number(process.env.PORT), "127.0.0.1");
