import { expect, test } from "vitest";
import type { DeploymentEvent, Run } from "../../../src/clouds/cloud.ts";
import type { Stack } from "../../../src/clouds/gcp/stack.ts";
import { createTestGcp } from "../../fakes/gcp/test-gcp.ts";
import { example, manifest } from "../aws/templates.ts";
import { record } from "../consumer.ts";

const apps = { guestbook: example("guestbook"), discourse: manifest("discourse"), mastodon: manifest("mastodon") };
const slackMs = 1_000;

test.each(Object.entries(apps))(
  "%s: a deployment takes as long as its longest chain of dependent steps",
  async (_, app) => {
    const env = await createTestGcp();
    const deployment = env.deployment(app);
    const startedAt = new Map<string, number>();
    const endedAt = new Map<string, number>();
    const recordTimes = async (events: AsyncIterable<DeploymentEvent>) => {
      for await (const event of events) {
        record(deployment, event);
        if (event.type !== "step") continue;
        if (event.state === "running" && !startedAt.has(event.name)) startedAt.set(event.name, env.time.now());
        if (event.state === "done") endedAt.set(event.name, env.time.now());
      }
    };
    await recordTimes(env.cloud.provision(deployment));
    const { steps } = deployment.plan.stack as unknown as Stack;
    const all = [...steps, { name: "answer", after: steps.map(({ name }) => name) }];
    const durationOf = (name: string) => (endedAt.get(name) ?? Number.NaN) - (startedAt.get(name) ?? Number.NaN);
    const longestChain = (name: string): number => {
      const { after = [] } = all.find((step) => step.name === name) ?? {};
      return durationOf(name) + Math.max(0, ...after.map(longestChain));
    };
    for (const { name, after } of all) {
      const ready = Math.max(env.time.start, ...after.map((dependency) => endedAt.get(dependency) ?? Number.NaN));
      expect((startedAt.get(name) ?? Number.NaN) - ready, name).toBeLessThanOrEqual(slackMs);
    }
    const totalMs = env.time.now() - env.time.start;
    const longest = Math.max(...all.map(({ name }) => longestChain(name)));
    expect(totalMs).toBeLessThanOrEqual(longest + slackMs);
    const sum = all.reduce((total, { name }) => total + durationOf(name), 0);
    expect(longest).toBeLessThan(0.75 * sum);
    // The database is slowest by far; only steps that depend on it add to its time.
    expect(durationOf("database")).toBeGreaterThan(340_000);
    expect(env.gcp.bugs).toEqual([]);
    await env.close();
  },
);

test("removal runs in parallel too", async () => {
  const env = await createTestGcp();
  const deployment = env.deployment(apps.mastodon);
  await env.provision(deployment);
  const since = env.time.now();
  await env.remove(deployment);
  // Deleting a database takes 70 seconds and Redis 90, once nothing uses them.
  expect(env.time.now() - since).toBeLessThan(130_000);
  await env.close();
});

test("polling backs off and stays within its limits", async () => {
  const env = await createTestGcp();
  const deployment: Run = env.deployment(apps.guestbook);
  await env.provision(deployment as Parameters<typeof env.provision>[0]);
  const pollCount = env.gcp.requests.filter(({ call }) => call === "sqladmin.operations.get").length;
  // Six minutes of polling, at last every ten seconds, and two short operations.
  expect(pollCount).toBeLessThan(60);
  await env.close();
});
