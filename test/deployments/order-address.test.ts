import { expect, test } from "vitest";
import { createTestApp } from "../harness/test-app.ts";

test("an order's ref and path are checked as an address is", async () => {
  const { postJson } = createTestApp({ repos: { hello: { Procfile: "web: node server.js" } } });
  const order = { repo: "local/apps/hello", cloud: "script", region: "here", preset: "economy", env: {}, access: {} };
  for (const [field, value] of [
    ["ref", "../../etc"],
    ["ref", "a b"],
    ["ref", "x".repeat(300)],
    ["path", "../.."],
    ["path", "a/./b"],
    ["path", "a".repeat(2000)],
    ["path", "a\u0000b"],
  ] as const) {
    const response = await postJson("/deployments", { ...order, [field]: value });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ problems: [{ path: field }] });
  }
  expect((await postJson("/deployments", order)).status).toBe(201);
});
