import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { badgeFor } from "../../badges/index.ts";
import { createBadgeCache, type RepoBadge } from "../../routes/badges/badge-cache.ts";

const path = "/github.com/o/r/badge.svg";
const draw = (label: string): RepoBadge => ({
  ...badgeFor(new URLSearchParams({ label }), { kind: "ready", installs: null }),
  repo: "github.com/o/r",
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe("warm badges", () => {
  let clock: number;
  let rendered: string[];
  let recorded: string[];
  let render: (url: string) => Promise<RepoBadge>;
  let close: () => void;
  let ask: (url: string, options?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>;

  beforeEach(async () => {
    clock = 0;
    rendered = [];
    recorded = [];
    render = async () => draw("first");
    const warm = createBadgeCache({
      render: (url) => {
        rendered.push(url);
        return render(url);
      },
      record: (repo) => recorded.push(repo),
      now: () => clock,
    });
    const server = createServer((req, res) => warm(req, res) || res.writeHead(404).end("not a badge"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    close = () => {
      server.close();
      server.closeAllConnections();
    };
    ask = (url, { method = "GET", headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        request({ port, host: "127.0.0.1", path: url, method, headers }, async (res) => {
          let body = "";
          for await (const chunk of res.setEncoding("utf8")) body += chunk;
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body });
        })
          .on("error", reject)
          .end();
      });
  });
  afterEach(() => close());

  test("the first request draws the badge, the next is a cache hit, and both are counted", async () => {
    const { body, etag, cacheControl } = draw("first");
    for (const _ of [1, 2]) {
      const answer = await ask(path);
      expect(answer.status).toBe(200);
      expect(answer.body).toBe(body);
      expect(answer.headers).toMatchObject({
        "content-type": "image/svg+xml",
        "content-length": String(body.length),
        "cache-control": cacheControl,
        etag,
        "cross-origin-resource-policy": "cross-origin",
      });
    }
    expect(rendered).toEqual([path]);
    expect(recorded).toEqual(["github.com/o/r", "github.com/o/r"]);
  });

  test("another query is another badge", async () => {
    render = async (url) => draw(url);
    const [one, other] = [await ask(`${path}?a=1`), await ask(`${path}?a=2`)];
    expect(one.body).not.toBe(other.body);
    expect(await ask(`${path}?a=1`)).toMatchObject({ body: one.body });
    expect(rendered).toEqual([`${path}?a=1`, `${path}?a=2`]);
  });

  test("a matching ETag gets 304, and is counted", async () => {
    const { etag, cacheControl } = draw("first");
    await ask(path);
    for (const known of [etag, `W/${etag}`, `"other", W/${etag}`, "*"]) {
      const answer = await ask(path, { headers: { "If-None-Match": known } });
      expect(answer).toMatchObject({ status: 304, body: "", headers: { etag, "cache-control": cacheControl } });
    }
    expect(await ask(path, { headers: { "If-None-Match": '"other"' } })).toMatchObject({ status: 200 });
    expect(recorded).toHaveLength(6);
  });

  test("HEAD has the headers without the body, and is not counted", async () => {
    await ask(path);
    const { headers, body } = await ask(path, { method: "HEAD" });
    expect(headers["content-length"]).toBe(String(draw("first").body.length));
    expect(body).toBe("");
    expect(recorded).toHaveLength(1);
  });

  test("other requests are left to the next handler", async () => {
    const others = [
      "/",
      "/github.com/o/r",
      `${path}x`,
      "/badge.svg",
      "/a/b/badge.svg",
      `/x${path}`,
      "/a?/b/c/badge.svg",
    ];
    for (const url of others) expect(await ask(url)).toMatchObject({ status: 404, body: "not a badge" });
    expect(await ask(path, { method: "POST" })).toMatchObject({ status: 404 });
    expect(rendered).toEqual([]);
  });

  test("a thousand requests at once draw it once", async () => {
    render = async () => {
      await wait(50);
      return draw("first");
    };
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(path)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(rendered).toHaveLength(1);
    expect(recorded).toHaveLength(1000);
  });

  test("after a minute the stale badge is served while one request revalidates it", async () => {
    const { body: first } = await ask(path);
    clock = 59_999;
    await ask(path);
    expect(rendered).toHaveLength(1);

    clock = 60_001;
    let drawn = (_: RepoBadge) => {};
    render = () => new Promise((resolve) => (drawn = resolve));
    for (const _ of [1, 2, 3]) expect((await ask(path)).body).toBe(first);
    expect(rendered).toHaveLength(2);

    drawn(draw("second"));
    await wait(0);
    expect((await ask(path)).body).toBe(draw("second").body);
    expect(rendered).toHaveLength(2);
  });

  test("after an hour without requests the badge is drawn again before it is served", async () => {
    await ask(path);
    clock = 3_600_001;
    render = async () => draw("second");
    expect((await ask(path)).body).toBe(draw("second").body);
  });

  test("if drawing fails, an error badge is served; a stale badge is still used", async () => {
    render = () => Promise.reject(new Error("a bug"));
    const failed = await ask(path);
    expect(failed).toMatchObject({ status: 200, headers: { "content-type": "image/svg+xml" } });
    expect(failed.body).toContain("our error");

    render = async () => draw("first");
    const { body } = await ask(path);
    expect(body).toBe(draw("first").body);

    clock = 60_001;
    render = () => Promise.reject(new Error("a bug"));
    expect((await ask(path)).body).toBe(body);
    expect((await ask(path)).body).toBe(body);
  });

  test("a URL without a repository is answered and counts for none", async () => {
    render = async () => ({ ...draw("first"), repo: null });
    expect(await ask(path)).toMatchObject({ status: 200 });
    expect(recorded).toEqual([]);
  });

  test("very long URLs are answered but not cached", async () => {
    const url = `${path}?label=${"x".repeat(3000)}`;
    await ask(url);
    await ask(url);
    expect(rendered).toHaveLength(2);
  });
});
