import { expect, test } from "vitest";
import type { DeploymentEvent, Run } from "../../../src/clouds/cloud.ts";
import type { Stack } from "../../../src/clouds/gcp/stack.ts";
import { createTestGcp } from "../../fakes/gcp/test-gcp.ts";
import { example, manifest } from "../aws/templates.ts";
import { record } from "../consumer.ts";

const apps = { guestbook: example("guestbook"), discourse: manifest("discourse"), mastodon: manifest("mastodon") };
const slack = 1_000;

test.each(Object.entries(apps))(
  "%s: a deployment takes as long as its longest chain of dependent steps",
  async (_, app) => {
    const here = await createTestGcp();
    const deployment = here.deployment(app);
    const begun = new Map<string, number>();
    const ended = new Map<string, number>();
    const hear = async (words: AsyncIterable<DeploymentEvent>) => {
      for await (const event of words) {
        record(deployment, event);
        if (event.type !== "step") continue;
        if (event.state === "running" && !begun.has(event.name)) begun.set(event.name, here.time.now());
        if (event.state === "done") ended.set(event.name, here.time.now());
      }
    };
    await hear(here.cloud.provision(deployment));
    const { steps } = deployment.plan.stack as unknown as Stack;
    const all = [...steps, { name: "answer", after: steps.map(({ name }) => name) }];
    const took = (name: string) => (ended.get(name) ?? Number.NaN) - (begun.get(name) ?? Number.NaN);
    const chain = (name: string): number => {
      const { after = [] } = all.find((step) => step.name === name) ?? {};
      return took(name) + Math.max(0, ...after.map(chain));
    };
    for (const { name, after } of all) {
      const ready = Math.max(here.time.start, ...after.map((one) => ended.get(one) ?? Number.NaN));
      expect((begun.get(name) ?? Number.NaN) - ready, name).toBeLessThanOrEqual(slack);
    }
    const whole = here.time.now() - here.time.start;
    const longest = Math.max(...all.map(({ name }) => chain(name)));
    expect(whole).toBeLessThanOrEqual(longest + slack);
    const sum = all.reduce((total, { name }) => total + took(name), 0);
    expect(longest).toBeLessThan(0.75 * sum);
    // The database is slowest by far; only steps that depend on it add to its time.
    expect(took("database")).toBeGreaterThan(340_000);
    expect(here.gcp.bugs).toEqual([]);
    await here.close();
  },
);

test("removal runs in parallel too", async () => {
  const here = await createTestGcp();
  const deployment = here.deployment(apps.mastodon);
  await here.provision(deployment);
  const since = here.time.now();
  await here.remove(deployment);
  // Deleting a database takes 70 seconds and Redis 90, once nothing uses them.
  expect(here.time.now() - since).toBeLessThan(130_000);
  await here.close();
});

test("polling backs off and stays within its limits", async () => {
  const here = await createTestGcp();
  const deployment: Run = here.deployment(apps.guestbook);
  await here.provision(deployment as Parameters<typeof here.provision>[0]);
  const asked = here.gcp.requests.filter(({ call }) => call === "sqladmin.operations.get").length;
  // Six minutes of polling, at last every ten seconds, and two short operations.
  expect(asked).toBeLessThan(60);
  await here.close();
});
