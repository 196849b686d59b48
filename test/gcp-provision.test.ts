import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { example, manifest } from "./aws-templates.ts";
import { type Visit, visit } from "./fakes/gcp/visit.ts";

let here: Visit;
beforeEach(async () => {
  here = await visit();
});
afterEach(async () => {
  expect(here.gcp.bugs).toEqual([]);
  await here.end();
});

const apps = { guestbook: example("guestbook"), discourse: manifest("discourse"), mastodon: manifest("mastodon") };

describe.each(Object.entries(apps))("%s", (_, app) => {
  test("is deployed, answers, and is taken away without a trace", async () => {
    const deployment = here.deployment(app);
    const state = await here.provision(deployment);
    expect(state).toMatchObject({ state: "succeeded", url: expect.stringMatching(/^https:\/\/.+\.run\.app/) });
    expect(here.left().length).toBeGreaterThan(5);
    expect(await here.remove(deployment)).toEqual({ type: "state", state: "removed" });
    expect(here.left()).toEqual([]);
  });
});
