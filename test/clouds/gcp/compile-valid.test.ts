import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { support } from "../../../src/clouds/gcp/compile/support.ts";
import { askedVariables } from "../../../src/clouds/gcp/compile/variables.ts";
import { regions } from "../../../src/clouds/gcp/regions.ts";
import { type ApiRequest, shortId } from "../../../src/clouds/gcp/stack.ts";
import { Preset, Remark } from "../../../src/plan.ts";
import { read } from "../../fakes/gcp/discovery.ts";
import { aJob, anApp, aResource, aService } from "../../harness/apps.ts";
import { corpus } from "../../harness/corpus.ts";
import { apps } from "../aws/templates.ts";
import { evaluate, managedResources, requestsOf, resources, stackOf } from "./evaluate.ts";

interface Document {
  servicePath: string;
  methods: Record<string, { httpMethod: string; path: string; parameters: Record<string, { location: string }> }>;
}
const documents = new Map<string, Document>();
const documentOf = (api: string): Document => {
  const known = documents.get(api);
  if (known) return known;
  const file = join(import.meta.dirname, "../../fakes/gcp/discovery", `${api}.json`);
  const document: Document = JSON.parse(readFileSync(file, "utf8"));
  documents.set(api, document);
  return document;
};

/** Validates a request against its discovery document. Throws the error that Google would return. */
function send({ api, method, params, body }: ApiRequest) {
  const { servicePath, methods } = documentOf(api);
  const known = methods[method];
  if (!known) throw new Error(`${api} has no method ${method}`);
  const rest = new URLSearchParams();
  let path = `/${servicePath}${known.path}`;
  for (const [name, value] of Object.entries(params)) {
    const text = `${evaluate(value)}`;
    const place = new RegExp(`\\{(\\+?)${name.replace(".", "\\.")}\\}`);
    const [, plus] = place.exec(path) ?? [];
    if (plus === undefined) rest.set(name, text);
    else path = path.replace(place, () => (plus ? text : encodeURIComponent(text)));
  }
  const url = new URL(`https://google.test${path}?${rest}`);
  const text = body === undefined ? "" : JSON.stringify(evaluate(body, { env: everything }));
  return read(api, { method: known.httpMethod, url, path, text });
}
const everything = new Proxy({}, { get: () => "an answer", has: () => true }) as Record<string, string>;

describe("every plan", () => {
  const all = apps();

  test("covers enough plans", () => {
    expect(all.length).toBeGreaterThanOrEqual(corpus === null ? 7 : 80);
  });

  test("consists of requests that Google's discovery documents describe", { timeout: 120_000 }, () => {
    const found: string[] = [];
    let count = 0;
    for (const { name, app } of all)
      for (const preset of Preset.options)
        for (const item of resources(stackOf(app, preset)))
          for (const request of requestsOf(item)) {
            count++;
            try {
              const { api, method } = send(request);
              if (api !== request.api || method !== request.method)
                found.push(`${request.method} is read as ${method}`);
            } catch (error) {
              found.push(`${name}.${preset} ${request.api}.${request.method}: ${JSON.stringify(error)} ${error}`);
            }
          }
    expect([...new Set(found)]).toEqual([]);
    expect(count).toBeGreaterThan(1000);
  });

  test("compiles in every region, with the required remarks and variables", { timeout: 120_000 }, () => {
    for (const { name, app } of all) {
      for (const region of regions)
        for (const preset of Preset.options)
          expect(stackOf(app, preset, region.id).steps.length, name).toBeGreaterThan(2);
      for (const item of support(app)) Remark.parse(item);
      const names = askedVariables(app).map((variable) => variable.name);
      expect(new Set(names).size, name).toBe(names.length);
    }
  });
});

describe("names", () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "web",
      "Web",
      "web-",
      "a".repeat(80),
      "-".repeat(20),
      "service",
      "apis",
      "build",
      "build-2",
      "keys",
      "1",
    ),
    fc.stringMatching(/^[a-z-]{0,40}$/),
  );
  const hostile = fc
    .record({
      slug: fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,29}$/), fc.constant("a".repeat(30)), fc.constant("goog-le")),
      services: fc.uniqueArray(name, { minLength: 1, maxLength: 6 }),
      jobs: fc.uniqueArray(name, { maxLength: 5 }),
      resources: fc.uniqueArray(name, { maxLength: 5 }),
    })
    .map(({ slug, services, jobs, resources: appResources }) =>
      anApp({
        slug,
        services: services.map((item, index) =>
          aService({
            name: item,
            port: index % 2 === 0 ? 8080 : null,
            public: index % 2 === 0,
            volumes: [{ name: item, mount: "/data", size: 1 }],
          }),
        ),
        jobs: jobs.map((item, index) =>
          aJob({ name: item, when: index % 2 === 0 ? "release" : "schedule", schedule: "0 * * * *" }),
        ),
        resources: appResources.map((item, index) =>
          aResource({
            name: item,
            type: (["postgres", "redis", "bucket", "mysql"] as const)[index % 4] ?? "postgres",
            env: { [`V${index}`]: "${url}${secret_key}" },
          }),
        ),
      }),
    );

  /** The names that Google accepts, by the parameter or field that holds them. */
  const rules: Record<string, RegExp> = {
    serviceId: /^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/,
    jobId: /^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/,
    workerPoolId: /^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/,
    instanceId: /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    repositoryId: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    secretId: /^[A-Za-z0-9_-]{1,255}$/,
  };

  test("are valid and unique whatever the app calls its components", () => {
    fc.assert(
      fc.property(hostile, (app) => {
        const stack = stackOf(app);
        const steps = stack.steps.map((step) => step.name);
        expect(new Set(steps).size).toBe(steps.length);
        for (const step of steps) expect(step).toMatch(/^[a-z0-9-]{1,50}$/);
        const made = resources(stack).flatMap((item) => (item.kind === "thing" ? [item.create] : []));
        const names = made.flatMap(({ api, method, params, body = {} }) => {
          const sent = evaluate(body) as Record<string, string>;
          if (api === "sqladmin" && method !== "instances.insert") return [];
          if (method === "projects.secrets.addVersion") return [];
          const [key, given] = Object.entries(params).find(([item]) => item in rules) ?? [];
          if (key) {
            expect(evaluate(given ?? "")).toMatch(rules[key] ?? /^$/);
            return [`${api} ${evaluate(given ?? "")}`];
          }
          if (api === "iam") expect(sent.accountId).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
          if (api === "sqladmin") expect(sent.name).toMatch(/^[a-z][a-z0-9-]{0,66}[a-z0-9]$/);
          if (api === "storage") expect(sent.name).toMatch(/^(?!goog)(?!.*google)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
          return [`${api} ${sent.accountId ?? sent.name}`];
        });
        expect(names.length).toBeGreaterThan(1);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 300 },
    );
  });

  test("leave room for the project number in the URL", () => {
    const app = anApp({ slug: "a".repeat(30), services: [aService({ name: "b".repeat(99) })] });
    const [service] = managedResources(stackOf(app), "projects.locations.services.create");
    const label = `${evaluate(service?.create.params.serviceId ?? "")}-${"9".repeat(13)}`;
    expect(label.length).toBeLessThanOrEqual(63);
  });

  test("start with the safe part of the deployment's ID", () => {
    expect(shortId("K3-v9_x2abcdefghijklmnop")).toBe("k3v9x2ab");
  });
});
