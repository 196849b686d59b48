import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { compile } from "../../../src/clouds/aws/compile/compile.ts";
import { support } from "../../../src/clouds/aws/compile/support.ts";
import { asOf, rates, sources } from "../../../src/clouds/aws/prices.ts";
import { regions } from "../../../src/clouds/aws/regions.ts";
import { Remark } from "../../../src/plan.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { manifest } from "./templates.ts";

const github = { ...anApp().source, host: "github.com" as const };
const remarksFor = (overrides: Partial<App>) =>
  support(anApp({ source: github, ...overrides })).map((item) => Remark.parse(item));

describe("remarks on an app", () => {
  test("are empty if AWS runs it unchanged", () => {
    expect(
      remarksFor({ resources: [aResource(), aResource({ name: "redis", type: "redis" })], jobs: [aJob()] }),
    ).toEqual([]);
  });

  test.each<[string, Partial<App>, Remark["level"], RegExp]>([
    ["a folder on the operator's machine", { source: anApp().source }, "missing", /cannot reach a folder/],
    [
      "a language without buildpack",
      { build: { kind: "buildpacks", builder: null, buildpacks: [], language: "elixir" } },
      "missing",
      /no elixir/,
    ],
    [
      "buildpacks by name",
      { build: { kind: "buildpacks", builder: null, buildpacks: ["heroku/nodejs"], language: "node" } },
      "approximate",
      /choose themselves/,
    ],
    [
      "a build command",
      { build: { kind: "command", command: "make", publish: null } },
      "approximate",
      /without `make`/,
    ],
    [
      "an old database",
      { resources: [aResource({ version: "12" })] },
      "approximate",
      /asks for 12 and gets Postgres 14/,
    ],
    ["a version of Redis", { resources: [aResource({ type: "redis", version: "6" })] }, "approximate", /Valkey.*8\.0/],
    [
      "mail",
      { resources: [aResource({ name: "mail", type: "smtp", env: { SMTP_HOST: "${host}" } })] },
      "approximate",
      /in SMTP_HOST/,
    ],
    [
      "MongoDB",
      { resources: [aResource({ type: "mongodb", env: { MONGODB_URI: "${url}" } })] },
      "approximate",
      /makes no mongodb/,
    ],
    ["a bucket", { resources: [aResource({ type: "bucket", env: {} })] }, "approximate", /private/],
    [
      "a second public service",
      { services: [aService(), aService({ name: "api" })] },
      "approximate",
      /Only web answers/,
    ],
    [
      "a service that sleeps",
      { services: [aService({ scale: { min: 0, max: 1 } })] },
      "approximate",
      /always runs once/,
    ],
    ["a private service", { services: [aService({ name: "api", public: false, port: 9 })] }, "exact", /http:\/\/api:9/],
    [
      "a volume",
      { services: [aService({ volumes: [{ name: "v", mount: "/data", size: 1 }] })] },
      "approximate",
      /\/data is gone/,
    ],
    ["a schedule that is none", { jobs: [aJob({ when: "schedule", schedule: "@reboot" })] }, "ignored", /never runs/],
    [
      "a schedule by two kinds of days",
      { jobs: [aJob({ when: "schedule", schedule: "0 0 1 * 1" })] },
      "approximate",
      /two schedules/,
    ],
    [
      "a default beyond measure",
      { variables: [aVariable({ default: "x".repeat(9999) })] },
      "ignored",
      /keeps its default/,
    ],
    ["maintainers who say no", { overrides: { aws: { supported: false } } }, "missing", /does not run on AWS/],
  ])("names %s", (_, overrides, level, message) => {
    expect(remarksFor(overrides)).toContainEqual(
      expect.objectContaining({ level, message: expect.stringMatching(message) }),
    );
  });

  test("allow real apps to be deployed", () => {
    for (const name of ["discourse", "mastodon"])
      expect(support(manifest(name)).filter(({ level }) => level === "missing")).toEqual([]);
  });
});

describe("prices", () => {
  test("have a date, and a source for every figure in every region", () => {
    expect(asOf).toMatch(/^2026-\d\d-\d\d$/);
    expect(regions.map(({ id }) => id)).toEqual([
      "us-east-1",
      "eu-west-1",
      "eu-central-1",
      "ap-south-1",
      "ap-southeast-1",
    ]);
    for (const [group, row] of Object.entries(rates)) {
      expect(Object.keys(row), group).toEqual(regions.map(({ id }) => id));
      for (const [usd, source] of Object.values(row)) {
        expect(usd, group).toBeGreaterThan(0);
        expect(sources[source], group).toMatch(/\S/);
      }
    }
  });

  test("match well-known prices", () => {
    const { lines } = compile(anApp({ resources: [aResource(), aResource({ name: "redis", type: "redis" })] }), {
      region: "us-east-1",
      preset: "economy",
    });
    const priceOf = (what: RegExp) => lines.find((line) => what.test(line.what))?.monthly;
    expect(priceOf(/^1 Fargate task, 0.25 vCPU, 0.5 GB/)).toBeCloseTo(9.01 + 3.65, 1);
    expect(priceOf(/Load Balancer/)).toBeCloseTo(16.43 + 7.3, 1);
    expect(priceOf(/Postgres 17, db.t4g.micro, 20 GB/)).toBeCloseTo(11.68 + 2.3, 1);
    expect(priceOf(/Valkey/)).toBeCloseTo(9.34, 1);
  });

  test("are null for a class without a known price", () => {
    const app = anApp({ resources: [aResource({ options: { class: "db.x9g.large" } })] });
    const { lines } = compile(app, { region: "us-east-1", preset: "economy" });
    expect(lines.find((line) => line.for === "database")?.monthly).toBeNull();
  });
});
