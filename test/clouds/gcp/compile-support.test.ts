import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import { support } from "../../../src/clouds/gcp/compile/support.ts";
import { askedVariables } from "../../../src/clouds/gcp/compile/variables.ts";
import { asOf, rates, sources } from "../../../src/clouds/gcp/prices.ts";
import { regions } from "../../../src/clouds/gcp/regions.ts";
import { Remark } from "../../../src/plan.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { manifest } from "../aws/templates.ts";

const github = { ...anApp().source, host: "github.com" as const };
const remarksFor = (overrides: Partial<App>) =>
  support(anApp({ source: github, ...overrides })).map((item) => Remark.parse(item));

describe("remarks on an app", () => {
  test("mention only CPU allocation if Google runs it unchanged", () => {
    const plain = remarksFor({ resources: [aResource(), aResource({ name: "redis", type: "redis" })], jobs: [aJob()] });
    expect(plain).toEqual([
      expect.objectContaining({ level: "approximate", message: expect.stringMatching(/only while answering/) }),
    ]);
    expect(remarksFor({ services: [aService({ name: "bot", public: false, port: null })] })).toEqual([]);
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
    ["a version of Redis", { resources: [aResource({ type: "redis", version: "5" })] }, "approximate", /Redis 6\./],
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
      "a private service",
      { services: [aService(), aService({ name: "api", public: false, port: 9 })] },
      "approximate",
      /has its own api beside it, at 127\.0\.0\.1:9/,
    ],
    [
      "a private service on the port of the other",
      { services: [aService(), aService({ name: "api", public: false, port: 8080 })] },
      "missing",
      /listen on the same port/,
    ],
    [
      "private services without number",
      {
        services: [
          aService(),
          ...Array.from({ length: 9 }, (_, index) =>
            aService({ name: `s${index}`, public: false, port: 9000 + index }),
          ),
        ],
      },
      "missing",
      /9 services that only others reach/,
    ],
    [
      "only private services",
      { services: [aService({ name: "api", public: false, port: 9 })] },
      "approximate",
      /from networks of the project only/,
    ],
    [
      "workers that should grow",
      { services: [aService({ name: "w", public: false, port: null, scale: { min: 1, max: 5 } })] },
      "approximate",
      /always runs once/,
    ],
    [
      "a volume",
      { services: [aService({ volumes: [{ name: "v", mount: "/data", size: 1 }] })] },
      "approximate",
      /\/data of web is a bucket/,
    ],
    [
      "a slow start",
      { services: [aService({ health: { path: "/", grace: 900 } })] },
      "approximate",
      /240 seconds to answer first, and not 900/,
    ],
    [
      "what is too large for one instance",
      {
        services: [aService({ size: "XL" }), aService({ name: "api", public: false, port: 9000, size: "XL" })],
        resources: [aResource()],
      },
      "missing",
      /web and api run beside each other here, and together ask for more than the 8 processors/,
    ],
    [
      "how MySQL 8.4 logs in",
      { resources: [aResource({ type: "mysql", version: null })] },
      "approximate",
      /caching_sha2_password/,
    ],
    ["a job without end", { jobs: [aJob({ timeout: 1e6 })] }, "approximate", /stopped after a day/],
    ["a schedule that is none", { jobs: [aJob({ when: "schedule", schedule: "@reboot" })] }, "ignored", /never runs/],
    ["names of Cloud Run's own", { env: { K_SERVICE: "x" } }, "ignored", /no variable called K_SERVICE/],
    ["maintainers who say no", { overrides: { gcp: { supported: false } } }, "missing", /does not run on Google Cloud/],
  ])("names %s", (_, overrides, level, message) => {
    expect(remarksFor(overrides)).toContainEqual(
      expect.objectContaining({ level, message: expect.stringMatching(message) }),
    );
  });

  test("cover the manifest's Google Cloud options", () => {
    const services = [aService({ name: "w", public: false, port: null })];
    const scaled = { scale: { min: 2, max: 5 } };
    expect(remarksFor({ services, overrides: { gcp: { services: { w: scaled } } } })).toMatchObject([
      { path: "services.w" },
    ]);
    expect(remarksFor({ services, overrides: { aws: { services: { w: scaled } } } })).toEqual([]);
  });

  test("are empty for two services that fit into one instance, and for MySQL 8.0's authentication", () => {
    const services = [aService({ size: "XL" }), aService({ name: "api", public: false, port: 9000, size: "XL" })];
    const all = [
      ...remarksFor({ services }),
      ...remarksFor({ resources: [aResource({ type: "mysql", version: "8.0" })] }),
    ];
    expect(all.map(({ message }) => message).filter((item) => /processors|caching_sha2/.test(item))).toEqual([]);
  });

  test("allow real apps to be deployed", () => {
    for (const name of ["discourse", "mastodon"])
      expect(support(manifest(name)).filter(({ level }) => level === "missing")).toEqual([]);
  });
});

describe("prompted variables", () => {
  const names = (overrides: Partial<App>) => askedVariables(anApp(overrides)).map(({ name }) => name);

  test("are those without any other source", () => {
    expect(
      names({
        variables: ["DATABASE_URL", "PORT", "SITE", "TOKEN"].map((name) => aVariable({ name })),
        resources: [aResource(), aResource({ name: "q", type: "amqp", env: { AMQP_URL: "${url}" } })],
        env: { SITE: "${app.url}" },
      }),
    ).toEqual(["AMQP_URL", "TOKEN"]);
  });

  test("are secret if declared so, and optional if the app can do without", () => {
    const smtp = aResource({ name: "mail", type: "smtp", env: { SMTP_HOST: "${host}", SMTP_PASSWORD: "${password}" } });
    expect(askedVariables(anApp({ resources: [smtp] }))).toMatchObject([
      { name: "SMTP_HOST", secret: false, required: false },
      { name: "SMTP_PASSWORD", secret: true, required: false },
    ]);
    expect(askedVariables(anApp({ variables: [aVariable({ name: "APP_URL" })] }))).toMatchObject([
      { name: "APP_URL", default: "${app.url}", required: false },
    ]);
  });
});

describe("prices", () => {
  test("have a date, and a source for every figure in every region", () => {
    expect(asOf).toMatch(/^2026-\d\d-\d\d$/);
    expect(regions.map(({ id }) => id)).toEqual([
      "us-central1",
      "us-east1",
      "europe-west1",
      "europe-west3",
      "asia-south1",
      "asia-southeast1",
    ]);
    for (const [name, byRegion] of Object.entries(rates)) {
      expect(Object.keys(byRegion), name).toEqual(regions.map(({ id }) => id));
      for (const [usd, source] of Object.values<[number, keyof typeof sources]>(byRegion)) {
        expect(usd, name).toBeGreaterThan(0);
        expect(sources[source], name).toMatch(/\S/);
      }
    }
  });

  const lines = (app: App, preset: "economy" | "production" = "economy") =>
    compile(app, { region: "us-central1", preset }).lines;
  const priceOf = (app: App, what: RegExp, preset?: "economy" | "production") =>
    lines(app, preset).find((line) => what.test(line.what))?.monthly;

  test("match well-known prices", () => {
    const app = anApp({ resources: [aResource(), aResource({ name: "redis", type: "redis" })] });
    expect(priceOf(app, /Postgres 17, db-f1-micro, 10 GB/)).toBeCloseTo(7.67 + 1.7, 1);
    expect(priceOf(app, /Memorystore for Redis, 1 GB/)).toBeCloseTo(35.77, 1);
    // One vCPU and half a GB, always allocated.
    expect(priceOf(anApp(), /2 instances, 1 vCPU, 0.5 GB/, "production")).toBeCloseTo(2 * 49.9, 0);
    expect(priceOf(anApp({ services: [aService({ public: false, port: null })] }), /worker pool/)).toBeCloseTo(
      31.17,
      1,
    );
  });

  test("of a service count idle and active time, and say so", () => {
    const waiting = 0.9 * 730 * 3600 * 1.5 * 0.0000025;
    const activePrice = 0.1 * 730 * 3600 * (0.000024 + 0.5 * 0.0000025);
    expect(priceOf(anApp(), /answering a tenth of the time/)).toBeCloseTo(waiting + activePrice, 1);
    const scaledToZero = anApp({ services: [aService({ scale: { min: 0, max: 1 } })] });
    expect(priceOf(scaledToZero, /asleep until a request comes/)).toBeCloseTo(activePrice, 1);
  });

  test("include each proxy sidecar", () => {
    expect(lines(anApp({ resources: [aResource()] })).some(({ what }) => /1\.5 vCPU, 0\.75 GB/.test(what))).toBe(true);
  });

  test("are null for a class without a known price", () => {
    const app = anApp({ resources: [aResource({ options: { class: "db-perf-optimized-N-8" } })] });
    expect(priceOf(app, /db-perf/)).toBeUndefined();
    const unknownClass = anApp({ resources: [aResource({ options: { class: "db-n1-standard-1" } })] });
    expect(lines(unknownClass).find((line) => line.for === "database")?.monthly).toBeNull();
  });
});
