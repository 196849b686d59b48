import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { filesToRead, readManifest } from "../../../src/manifest/index.ts";
import { anApp } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { logLines, rearm } from "../consumer.ts";
import { createLocalCloud, examples, fail, processesOf, remove, succeed } from "./local-cloud.ts";

const { cloud, deploy, expectNothingLeft } = createLocalCloud();

/** Returns an example's app as its manifest describes it. */
function example(name: string): App {
  const list = readdirSync(join(examples, name), { recursive: true, encoding: "utf8" });
  const text = new Map(filesToRead(list).map((file) => [file, readFileSync(join(examples, name, file), "utf8")]));
  const source = { ...anApp().source, repo: name };
  const { app, problems, remarks } = readManifest({ list, text }, source);
  expect({ problems, remarks }).toEqual({ problems: [], remarks: [] });
  if (!app) throw new Error(`The manifest of ${name} yields no app`);
  return app;
}

test("hello runs, greets, escapes its input, and is gone after removal", async () => {
  const env = { GREETING: "Good day", NAME_OF_HOST: "<Ada>", SESSION_SECRET: "s".repeat(40) };
  const hello = deploy(example("hello"), join(examples, "hello"), { env });
  const url = await succeed(cloud, hello);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const page = await (await fetch(url)).text();
  expect(page).toContain("Good day");
  expect(page).toContain("&lt;Ada&gt;");
  expect([...hello.ledger.values()].map(({ state }) => state)).not.toContain("running");
  await remove(cloud, hello);
  await expectNothingLeft(hello);
  await remove(cloud, hello);
  await expect(fetch(url)).rejects.toThrow();
});

needs("postgres", "redis")(
  "the guestbook stores an entry, its worker publishes it, and removal leaves nothing",
  async () => {
    const run = deploy(example("guestbook"), join(examples, "guestbook"), {
      env: { TITLE: "Visitors", BLOCKED_WORDS: "spam" },
    });
    const url = await succeed(cloud, run);
    expect(logLines(run)).toContain("The tables are there");

    const postEntry = (name: string, message: string) =>
      fetch(url, { method: "POST", body: new URLSearchParams({ name, message }), redirect: "manual" });
    expect((await postEntry("Eve", "buy my spam")).status).toBe(303);
    expect((await postEntry("<Bob>", "Hello there")).status).toBe(303);
    const page = await pollUntil(
      async () => (await fetch(url)).text(),
      (text) => text.includes("Hello there"),
    );
    expect(page).toContain("&lt;Bob&gt;");
    expect(page).toContain(`<link rel="canonical" href="${url}">`);
    expect(page).not.toContain("buy my spam");

    for (const step of ["web", "worker", "schedule", "database", "redis"])
      expect((await processesOf(run, step)).length).toBeGreaterThan(0);
    const passwords = [run.deriveSecret("database"), run.deriveSecret("redis")];
    const events = JSON.stringify(run.events);
    const commandLines = (await processesOf(run)).map(({ args }) => args.join(" ")).join("\n");
    for (const password of passwords) expect(events + commandLines).not.toContain(password);

    await remove(cloud, run);
    await expectNothingLeft(run);
  },
  90_000,
);

test("a folder of plain files is served as a site, and nothing outside it", async () => {
  const run = deploy(example("static"), join(examples, "static"));
  const url = await succeed(cloud, run);
  expect(await (await fetch(url)).text()).toContain("Launched");
  expect(await (await fetch(`${url}/about`)).text()).toContain("About");
  expect((await fetch(`${url}/assets/boat.svg`)).headers.get("content-type")).toBe("image/svg+xml");
  for (const path of ["/..%2f..%2fprocesses/build.1.0.log", "/%2e%2e/home", "/nothing", "/%00", "/%ff"])
    expect((await fetch(url + path)).status).toBe(404);
  await remove(cloud, run);
  await expectNothingLeft(run);
});

test("a failing release job reports its output, starts no service, and can be retried", async () => {
  const run = deploy(example("fails"), join(examples, "fails"), { env: { FIXED: "no" } });
  const error = await fail(cloud, run);
  expect(error).toMatchObject({ step: "release" });
  expect(error.message).toContain("The job release ended with code 3.");
  expect(error.message).toContain("There is no table of accounts.");
  expect(run.ledger.get("web")?.state).toBe("waiting");
  expect(await processesOf(run)).toEqual([]);

  rearm(run);
  run.env = { FIXED: "yes" };
  const url = await succeed(cloud, run);
  expect(await (await fetch(url)).text()).toContain("did not fail");
  expect(run.fetches).toBe(1);
  await remove(cloud, run);
  await expectNothingLeft(run);
});

async function pollUntil<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (isDone(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
