import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import { findReferences } from "../../../src/clouds/gcp/references.ts";
import type { Reference, Stack } from "../../../src/clouds/gcp/stack.ts";
import { Plan } from "../../../src/plan.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { example, manifest } from "../aws/templates.ts";
import { bodies, envOf, evaluate, grants, kept, managedResources, resources, running, stackOf } from "./evaluate.ts";

const withData = anApp({
  services: [aService(), aService({ name: "worker", command: "node worker.js", public: false, port: null })],
  jobs: [aJob()],
  resources: [
    aResource(),
    aResource({ name: "redis", type: "redis", env: { REDIS_URL: "${url}", REDIS_HOST: "${host}" } }),
    aResource({ name: "uploads", type: "bucket", env: { S3_BUCKET: "${bucket}" } }),
  ],
});

const waits = ({ steps }: Stack) => Object.fromEntries(steps.map((step) => [step.name, step.after]));

describe("the plan", () => {
  test.each([
    ["hello", example("hello"), "economy"],
    ["guestbook", example("guestbook"), "economy"],
    ["discourse", manifest("discourse"), "production"],
  ] as const)("of %s matches its snapshot", async (name, app, preset) => {
    const plan = compile(app, { region: "europe-west3", preset });
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const file = join(import.meta.dirname, "../../plans/gcp", `${name}.json`);
    await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(file);
  });

  test("costs more with each preset, and in production runs at least two of each public service", () => {
    const [economy, standard, production] = (["economy", "standard", "production"] as const).map(
      (preset) => compile(withData, { region: "us-central1", preset }).monthly ?? 0,
    );
    expect(economy).toBeGreaterThan(60);
    expect(standard).toBeGreaterThan(economy ?? 0);
    expect(production).toBeGreaterThan(standard ?? 0);
    expect(running(stackOf(withData, "production"), "services").web?.scaling?.minInstanceCount).toBe(2);
    expect(running(stackOf(withData, "production"), "workerPools").worker?.scaling).toEqual({ manualInstanceCount: 1 });
  });

  test("has the steps of its stack, and waits for the app if it has a URL", () => {
    const { steps, stack } = compile(withData, { region: "us-central1", preset: "economy" });
    const made = (stack as unknown as Stack).steps.map(({ name, title }) => ({ name, title }));
    expect(steps).toEqual([...made, { name: "answer", title: "Wait for an answer" }]);
    const bot = anApp({ services: [aService({ name: "bot", public: false, port: null })] });
    expect(compile(bot, { region: "us-central1", preset: "economy" }).steps.at(-1)?.name).toBe("bot");
    expect(stackOf(bot)).toMatchObject({ url: null, health: null });
  });
});

describe("the order", () => {
  test("creates the database, Redis and the image in parallel, with minimal dependencies", () => {
    expect(waits(stackOf(withData))).toEqual({
      apis: [],
      accounts: ["apis"],
      repository: ["accounts"],
      build: ["repository"],
      database: ["apis"],
      redis: ["apis"],
      uploads: ["accounts"],
      secrets: ["accounts"],
      "redis-secrets": ["accounts", "redis"],
      release: ["database", "uploads", "secrets", "redis-secrets", "build"],
      web: ["release"],
      worker: ["release"],
    });
  });

  test("runs jobs in sequence: releases first, in the manifest's order", () => {
    const jobs = [
      aJob({ name: "seed", when: "first" }),
      aJob({ name: "migrate" }),
      aJob({ name: "assets" }),
      aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *" }),
    ];
    const order = waits(stackOf(anApp({ jobs })));
    expect(order).toMatchObject({ migrate: ["build"], assets: ["migrate"], seed: ["assets"], web: ["seed"] });
    expect(order.schedule).toEqual(["seed"]);
  });

  test("never depends on a later or missing step", () => {
    for (const app of [withData, manifest("discourse"), manifest("mastodon"), example("guestbook")]) {
      const seen = new Set<string>();
      for (const step of stackOf(app).steps) {
        for (const name of step.after) expect(seen, `${step.name} after ${name}`).toContain(name);
        seen.add(step.name);
        const ids = step.resources.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }
    }
  });
});

describe("service accounts", () => {
  test("have only the roles they need, on the resources they use", () => {
    const app = anApp({ ...withData, jobs: [aJob({ name: "tick", when: "schedule", schedule: "* * * * *" })] });
    const rights = grants(stackOf(app)).map(({ role, member, write }) => [
      `${evaluate(member)}`.replace(/^serviceAccount:(\w+)@.*$/, "$1"),
      role,
      `${evaluate(write.params.resource ?? write.params.bucket ?? "")}`.replace(/^.*k3v9x2ab-/, ""),
    ]);
    expect(rights).toEqual([
      ["build", "roles/logging.logWriter", "projects/my-project"],
      ["run", "roles/cloudsql.client", "projects/my-project"],
      ["build", "roles/artifactregistry.writer", "images"],
      ["run", "roles/storage.objectAdmin", "uploads"],
      ["run", "roles/storage.legacyBucketReader", "uploads"],
      ["run", "roles/secretmanager.secretAccessor", "database-url"],
      ["run", "roles/secretmanager.secretAccessor", "redis-url"],
      ["allUsers", "roles/run.invoker", "web"],
      ["schedule", "roles/run.invoker", "tick"],
    ]);
  });

  test("are created only if needed", () => {
    const made = (app: App) => managedResources(stackOf(app), "projects.serviceAccounts.create").map(({ id }) => id);
    expect(made(anApp({ build: { kind: "image", image: "nginx" } }))).toEqual(["run"]);
    expect(made(anApp())).toEqual(["build", "run"]);
  });
});

describe("services", () => {
  test("skip the invoker check; where a policy forbids that, allUsers may invoke", () => {
    const stack = stackOf(anApp());
    const everybody = resources(stack).find(({ id }) => id === "everybody");
    expect(everybody).toMatchObject({ when: { opening: "granted" }, member: "allUsers" });
    expect(running(stack, "services").web).toMatchObject({ invokerIamDisabled: true, ingress: "INGRESS_TRAFFIC_ALL" });
    expect(running(stack, "services", { opening: "granted" }).web?.invokerIamDisabled).toBeUndefined();
  });

  test("know their URL in advance", () => {
    const app = anApp({
      services: [aService(), aService({ name: "Stream", port: 4000 })],
      variables: [aVariable({ name: "BASE", default: "${app.url}/x" })],
      env: { HOST_NAME: "${app.host}", STREAM: "wss://${service.Stream.host}:${service.Stream.port}", PRICE: "$$5" },
    });
    const web = running(stackOf(app), "services", { env: { BASE: "${app.url}/x" } }).web;
    expect(envOf(web?.containers[0])).toEqual({
      APP_URL: "https://an-app-k3v9x2ab-web-123456789012.us-central1.run.app",
      BASE: "https://an-app-k3v9x2ab-web-123456789012.us-central1.run.app/x",
      HOST_NAME: "an-app-k3v9x2ab-web-123456789012.us-central1.run.app",
      STREAM: "wss://an-app-k3v9x2ab-stream-123456789012.us-central1.run.app:443",
      PRICE: "$$5",
    });
    expect(evaluate(stackOf(app).url ?? "")).toBe("https://an-app-k3v9x2ab-web-123456789012.us-central1.run.app");
    const other = running(stackOf(app), "services", { env: { BASE: "https://other.example" } }).web;
    expect(envOf(other?.containers[0]).BASE).toBe("https://other.example");
  });

  test("scale to zero where allowed, and have CPU always allocated only in production", () => {
    const app = anApp({ services: [aService({ scale: { min: 0, max: 3 } })] });
    for (const preset of ["economy", "production"] as const) {
      const web = running(stackOf(app, preset), "services").web;
      expect(web?.scaling).toEqual({ minInstanceCount: 0, maxInstanceCount: 3 });
      expect(web?.containers[0]?.resources.cpuIdle).toBe(preset === "economy");
    }
  });

  test("stay within a project's limits", () => {
    const many = { scale: { min: 500, max: 9999 } };
    const app = anApp({ services: [aService(many), aService({ name: "worker", public: false, port: null, ...many })] });
    expect(running(stackOf(app), "services").web?.scaling).toEqual({ minInstanceCount: 100, maxInstanceCount: 100 });
    expect(running(stackOf(app), "workerPools").worker?.scaling).toEqual({ manualInstanceCount: 100 });
  });

  test("are ready once their health path responds within Cloud Run's limits", () => {
    const probe = (health: App["services"][number]["health"], preset: "economy" | "production" = "economy") =>
      running(stackOf(anApp({ services: [aService({ health })] }), preset), "services").web?.containers[0];
    expect(probe(null)?.startupProbe).toMatchObject({ tcpSocket: { port: 8080 }, failureThreshold: 24 });
    expect(probe({ path: "/up", grace: 95, timeout: 30 })?.startupProbe).toEqual({
      httpGet: { path: "/up", port: 8080 },
      periodSeconds: 10,
      timeoutSeconds: 9,
      failureThreshold: 10,
    });
    expect(probe({ path: "/up", grace: 1000 })?.startupProbe?.failureThreshold).toBe(24);
    expect(probe({ path: "/up" })?.livenessProbe).toBeUndefined();
    expect(probe({ path: "/up" }, "production")?.livenessProbe).toMatchObject({ httpGet: { path: "/up", port: 8080 } });
    expect(stackOf(anApp({ services: [aService({ health: { path: "/up" } })] })).health).toBe("/up");
  });

  test("without a port become worker pools", () => {
    const pool = running(stackOf(withData), "workerPools").worker;
    expect(pool?.containers[0]?.ports).toBeUndefined();
    expect(pool?.containers[0]?.args).toEqual(["--", "bash", "-c", "node worker.js"]);
    expect(Object.keys(running(stackOf(withData), "services"))).toEqual(["web"]);
  });

  test("that are private run as sidecars of each service", () => {
    const app = anApp({
      services: [
        aService(),
        aService({ name: "worker", public: false, port: null }),
        aService({ name: "api", public: false, port: 4000, command: "api", env: { ONLY: "api" } }),
      ],
      env: { API: "http://${service.api.host}:${service.api.port}" },
    });
    const stack = stackOf(app);
    expect(Object.keys(running(stack, "services"))).toEqual(["web"]);
    for (const item of [running(stack, "services").web, running(stack, "workerPools").worker]) {
      expect(item?.containers.map(({ name }) => name)).toEqual(["app", "beside-1"]);
      expect(envOf(item?.containers[0])).toMatchObject({ API: "http://127.0.0.1:4000" });
      expect(envOf(item?.containers[1])).toMatchObject({ PORT: "4000", ONLY: "api" });
      expect(item?.containers[1]?.ports).toBeUndefined();
    }
  });

  test("that are private and alone have isHidden ingress", () => {
    const stack = stackOf(anApp({ services: [aService({ name: "api", public: false, port: 4000 })] }));
    expect(running(stack, "services").api).toMatchObject({ ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY" });
    expect(stack.url).toBeNull();
  });

  test("mount their volumes from buckets, shared by name", () => {
    const volumes = [{ name: "data", mount: "/data", size: 1 }];
    const app = anApp({
      services: [aService({ volumes }), aService({ name: "worker", public: false, port: null, volumes })],
    });
    const stack = stackOf(app);
    expect(bodies(stack, "buckets.insert")).toHaveLength(1);
    const gcs = expect.objectContaining({ bucket: "an-app-k3v9x2ab-data" });
    for (const item of [running(stack, "services").web, running(stack, "workerPools").worker]) {
      expect(item?.volumes).toEqual([{ name: "files-data", gcs }]);
      expect(item?.containers[0]?.volumeMounts).toEqual([{ name: "files-data", mountPath: "/data" }]);
    }
    expect(waits(stack).web).toContain("data");
  });

  test("pass commands verbatim to their build's shell", () => {
    const of = (build: App["build"], command: string | null) =>
      running(stackOf(anApp({ build, services: [aService({ command })] })), "services").web?.containers[0];
    expect(of({ kind: "image", image: "nginx" }, "a 'b' $C")).toMatchObject({
      image: "nginx",
      command: ["/bin/sh"],
      args: ["-c", "a 'b' $C"],
    });
    expect(of({ kind: "buildpacks", builder: null, buildpacks: [], language: null }, "x")?.command).toEqual([
      "/cnb/lifecycle/launcher",
    ]);
    expect(of({ kind: "image", image: "nginx" }, null)).not.toHaveProperty("command");
  });

  test("never set variables that Cloud Run reserves", () => {
    const env = { PORT: "1", K_SERVICE: "x", "A B": "x", "": "x", FINE: "y", "1st": "x" };
    const web = running(stackOf(anApp({ services: [aService({ env })] })), "services").web;
    expect(Object.keys(envOf(web?.containers[0]))).toEqual(["APP_URL", "FINE"]);
  });
});

describe("jobs", () => {
  test("run once, with the longest timeout and the app's environment", () => {
    const app = anApp({
      ...withData,
      jobs: [aJob({ timeout: 90.5 }), aJob({ name: "long", timeout: 1e9, size: "XL" })],
    });
    const stack = stackOf(app);
    const { release, long } = running(stack, "jobs");
    expect(release).toMatchObject({ maxRetries: 0, timeout: "91s" });
    expect(release?.containers[0]?.resources.limits).toEqual({ cpu: "1", memory: "1024Mi" });
    expect(long).toMatchObject({ timeout: "86400s" });
    expect(long?.containers[0]?.resources.limits).toEqual({ cpu: "4", memory: "8192Mi" });
    expect(envOf(release?.containers[0])).toMatchObject({ DATABASE_URL: "secret database-url" });
    const acts = resources(stack).flatMap((item) => (item.kind === "act" ? [item.start] : []));
    expect(acts.filter(({ method }) => method === "projects.locations.jobs.run")).toHaveLength(2);
  });

  test("are scheduled with a service account that can only start them", () => {
    const app = anApp({
      jobs: [
        aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * 7" }),
        aJob({ name: "never", when: "schedule", schedule: "@reboot" }),
      ],
    });
    const stack = stackOf(app);
    expect(Object.keys(running(stack, "jobs"))).toEqual(["nightly"]);
    const [timer] = bodies(stack, "projects.locations.jobs.create").filter((body) => "httpTarget" in body);
    const name = "projects/my-project/locations/us-central1/jobs/an-app-k3v9x2ab-nightly";
    expect(timer).toEqual({
      name,
      schedule: "0 3 * * 0",
      timeZone: "Etc/UTC",
      httpTarget: {
        uri: `https://run.googleapis.com/v2/${name}:run`,
        httpMethod: "POST",
        oauthToken: { serviceAccountEmail: "schedule@my-project.iam.gserviceaccount.com" },
      },
    });
  });

  test.each([
    ["0 3 * * *", "0 3 * * *", 30],
    ["*/15 * * * *", "0,15,30,45 * * * *", 2918],
    ["@daily", null, 0],
    ["0 9 * jan-mar mon-fri", "0 9 * 1-3 1-5", 5],
    ["0 0 1 * 1", "0 0 1 * 1", 5],
    ["0 0 1-31 * 1", "0 0 * * *", 30],
    ["0 0 * * 0-7", "0 0 * * *", 30],
    ["61 * * * *", null, 0],
    ["0 0 * * * *", null, 0],
  ])("with schedule %s run at %s", async (cron, expression, runs) => {
    const { schedule } = await import("../../../src/clouds/gcp/compile/run/cron.ts");
    expect(schedule(cron)).toEqual(expression === null ? null : { expression, runsPerMonth: runs });
  });
});

describe("secrets", () => {
  const app = anApp({
    variables: [
      aVariable({ name: "TITLE" }),
      aVariable({ name: "TOKEN", secret: true }),
      aVariable({ name: "SALT", generator: { kind: "hex", length: 8 } }),
      aVariable({ name: "MAYBE", required: false }),
      aVariable({ name: "MAYBE_SECRET", required: false, secret: true }),
    ],
  });
  const answers = { env: { TITLE: "Hi", TOKEN: "t0ken", SALT: "abcd" } };

  test("hold every secret answer; others are plain variables", () => {
    const web = running(stackOf(app), "services", answers).web;
    expect(envOf(web?.containers[0])).toEqual({
      APP_URL: expect.stringMatching(/^https:/),
      TITLE: "Hi",
      TOKEN: "secret token",
      SALT: "secret salt",
    });
    expect(kept(stackOf(app), answers)).toMatchObject({ token: "t0ken", salt: "abcd" });
  });

  test("are not created without an answer", () => {
    const secret = managedResources(stackOf(app), "projects.secrets.create").find(({ id }) => id === "maybe-secret");
    expect(secret?.when).toEqual({ given: "MAYBE_SECRET" });
    const all = { env: { ...answers.env, MAYBE: "m", MAYBE_SECRET: "s" } };
    const web = running(stackOf(app), "services", all).web;
    expect(envOf(web?.containers[0])).toMatchObject({ MAYBE: "m", MAYBE_SECRET: "secret maybe-secret" });
  });

  test("hold every password, and no password appears elsewhere", () => {
    const stack = stackOf(manifest("discourse"), "production");
    const isHidden = (known: Reference) =>
      "secret" in known || "read" in known || ("key" in known && known.key === "secret");
    const holders = resources(stack).filter((item) => [...findReferences(item)].some(isHidden));
    expect(holders.map(({ id }) => id).toSorted()).toEqual([
      "database-url/value",
      "discourse-db-password/value",
      "instance",
      "key",
      "redis-url/value",
      "user",
    ]);
  });

  test("are shared by all that need the same value", () => {
    const env = { A: "${url}", B: "${url}", P: "${password}", U: "u=${username}&p=${password}" };
    const stack = stackOf(anApp({ resources: [aResource({ env })] }));
    const web = running(stack, "services").web;
    expect(envOf(web?.containers[0])).toMatchObject({ A: "secret a", B: "secret a", P: "secret p", U: "secret u" });
    expect(kept(stack)).toEqual({
      a: "postgres://app:<database password>@127.0.0.1:5432/app",
      p: "<database password>",
      u: "u=app&p=<database password>",
    });
  });
});
