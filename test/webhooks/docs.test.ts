import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { enqueueEnded, eventTypes } from "../../src/webhooks/events.ts";
import { createWebhooks } from "../../src/webhooks/index.ts";
import { retryDelays } from "../../src/webhooks/record-attempt.ts";
import { anApp } from "../harness/apps.ts";
import { freePort } from "../harness/server.ts";

const root = join(import.meta.dirname, "../..");
const docs = readFileSync(join(root, "docs/webhooks.md"), "utf8");
const blocks = (language: string) =>
  [...docs.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);

/** The same value with every string and number replaced by what it is. */
const shape = (value: unknown): unknown => {
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]));
};

test("the documented event is shaped like those that are sent", () => {
  const db = openDb(":memory:");
  const random = (n: number) => new Uint8Array(n);
  const own = createWebhooks({
    db,
    seal: createSeal("a secret of more than thirty-two letters"),
    fetch: async () => ({ ok: false, reason: "" }),
    reach: "public",
    now: () => new Date(),
    random,
    newId: () => "x",
    log: () => {},
  });
  own.add("github.com/owner/repo", { url: "https://example.com/", types: [...eventTypes] });
  const row = {
    id: "x",
    repo: "github.com/owner/repo",
    commit: "c",
    cloud: "aws",
    region: "r",
    preset: "economy" as const,
    app: anApp(),
  };
  enqueueEnded(db, row, { state: "failed", error: { message: "m", next: "n", step: "s" } }, new Date());
  const { body } = db.$client.prepare("select body from deliveries").get() as { body: string };
  const sent = JSON.parse(body) as { data: { seconds: number | null } };
  sent.data.seconds ??= 1;
  expect(shape(sent)).toEqual(shape(JSON.parse(blocks("json")[0] ?? "")));
});

test("every event and every distance between tries is documented", () => {
  for (const type of [...eventTypes, "ping"]) expect(docs).toContain(`| \`${type}\` `);
  const units: [number, string][] = [
    [3_600_000, "h"],
    [60_000, "min"],
    [1000, "s"],
  ];
  const words = retryDelays.map((wait) => {
    const [unit, name] = units.find(([unit]) => wait >= unit) ?? [1, "ms"];
    return `${wait / unit} ${name}`;
  });
  expect(docs.replace(/\s+/g, " ")).toContain(`${words.slice(0, -1).join(", ")} and ${words.at(-1)},`);
});

test("the documented receiver takes what is signed, once, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-receiver-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "receiver.mjs"), blocks("js")[0] ?? "");
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const port = await freePort();
  const child = spawn(process.execPath, [join(folder, "receiver.mjs")], {
    env: { PORT: String(port), WEBHOOK_SECRET: secret },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  const send = (body: string, signedWith: string) => {
    const at = new Date();
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(signedWith).sign("msg_1", at, body),
    };
    return fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body }).then(
      ({ status }) => status,
      () => 0,
    );
  };
  const body = JSON.stringify({ type: "ping", data: { repo: "github.com/o/r" } });
  await expect.poll(() => send(body, secret), { timeout: 15_000 }).toBe(204);
  expect(await send(body, secret)).toBe(204);
  expect(await send(body, `whsec_${Buffer.alloc(32, 8).toString("base64")}`)).toBe(400);
  await expect.poll(() => printed).toContain("github.com/o/r");
  expect(printed.match(/ping/g)).toHaveLength(1);
  child.kill();
  await once(child, "exit");
  rmSync(folder, { recursive: true, maxRetries: 3 });
});
