import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { expect } from "vitest";

export interface Received {
  id: string;
  body: string;
  type: string;
  data: Record<string, unknown>;
  headers: Record<string, string>;
}
type Reply = { status?: number; body?: string; after?: Promise<void> };

/** Starts a web server that receives webhooks and can verify them with the library a maintainer would use. */
export async function createWebhookReceiver(reply: (received: Received) => Reply = () => ({})) {
  const all: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { type, data } = JSON.parse(body) as Pick<Received, "type" | "data">;
    const headers = request.headers as Record<string, string>;
    const received = { id: headers["webhook-id"] ?? "", body, type, data, headers };
    all.push(received);
    const { status = 204, body: answer = "", after } = reply(received);
    await after;
    response.writeHead(status).end(answer);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    all,
    types: () => all.map(({ type }) => type),
    /** Throws if the signature is not from this secret. */
    verify: ({ body, headers }: Received, secret: string) => new Webhook(secret).verify(body, headers),
    received: (type: string) => expect.poll(() => all.map(({ type }) => type), { timeout: 15_000 }).toContain(type),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
