import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import { findReferences } from "../../../src/clouds/gcp/export/shell.ts";
import type { Reference, Stack } from "../../../src/clouds/gcp/stack.ts";
import { Plan } from "../../../src/plan.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { example, manifest } from "../aws/templates.ts";
import { bodies, envOf, evaluate, grants, kept, resources, running, stackOf, things } from "./evaluate.ts";

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
  ] as const)("of %s is as it was judged right", async (name, app, preset) => {
    const plan = compile(app, { region: "europe-west3", preset });
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const file = join(import.meta.dirname, "../../plans/gcp", `${name}.json`);
    await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(file);
  });

  test("costs more with each preset, and in production runs everything that answers at least twice", () => {
    const [economy, standard, production] = (["economy", "standard", "production"] as const).map(
      (preset) => compile(withData, { region: "us-central1", preset }).monthly ?? 0,
    );
    expect(economy).toBeGreaterThan(60);
    expect(standard).toBeGreaterThan(economy ?? 0);
    expect(production).toBeGreaterThan(standard ?? 0);
    expect(running(stackOf(withData, "production"), "services").web?.scaling?.minInstanceCount).toBe(2);
    expect(running(stackOf(withData, "production"), "workerPools").worker?.scaling).toEqual({ manualInstanceCount: 1 });
  });

  test("has the steps of its stack, and waits for an answer when there is an address", () => {
    const { steps, stack } = compile(withData, { region: "us-central1", preset: "economy" });
    const made = (stack as unknown as Stack).steps.map(({ name, title }) => ({ name, title }));
    expect(steps).toEqual([...made, { name: "answer", title: "Wait for an answer" }]);
    const bot = anApp({ services: [aService({ name: "bot", public: false, port: null })] });
    expect(compile(bot, { region: "us-central1", preset: "economy" }).steps.at(-1)?.name).toBe("bot");
    expect(stackOf(bot)).toMatchObject({ url: null, health: null });
  });
});

describe("the order", () => {
  test("makes the database, Redis and the image side by side, and waits for no more than it must", () => {
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

  test("runs the jobs one after the other: releases first, each in the order of the manifest", () => {
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

  test("never waits for what comes later or is not there", () => {
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

describe("accounts", () => {
  test("may do only what they are for, and only where they do it", () => {
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

  test("are only there when somebody needs them", () => {
    const made = (app: App) => things(stackOf(app), "projects.serviceAccounts.create").map(({ id }) => id);
    expect(made(anApp({ build: { kind: "image", image: "nginx" } }))).toEqual(["run"]);
    expect(made(anApp())).toEqual(["build", "run"]);
  });
});

describe("services", () => {
  test("are open without IAM; where that is forbidden, all users are let in", () => {
    const stack = stackOf(anApp());
    const everybody = resources(stack).find(({ id }) => id === "everybody");
    expect(everybody).toMatchObject({ when: { opening: "granted" }, member: "allUsers" });
    expect(running(stack, "services").web).toMatchObject({ invokerIamDisabled: true, ingress: "INGRESS_TRAFFIC_ALL" });
    expect(running(stack, "services", { opening: "granted" }).web?.invokerIamDisabled).toBeUndefined();
  });

  test("know the address they will have", () => {
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

  test("sleep when they may, and have a processor all the time only in production", () => {
    const app = anApp({ services: [aService({ scale: { min: 0, max: 3 } })] });
    for (const preset of ["economy", "production"] as const) {
      const web = running(stackOf(app, preset), "services").web;
      expect(web?.scaling).toEqual({ minInstanceCount: 0, maxInstanceCount: 3 });
      expect(web?.containers[0]?.resources.cpuIdle).toBe(preset === "economy");
    }
  });

  test("are no more than a project may have", () => {
    const many = { scale: { min: 500, max: 9999 } };
    const app = anApp({ services: [aService(many), aService({ name: "worker", public: false, port: null, ...many })] });
    expect(running(stackOf(app), "services").web?.scaling).toEqual({ minInstanceCount: 100, maxInstanceCount: 100 });
    expect(running(stackOf(app), "workerPools").worker?.scaling).toEqual({ manualInstanceCount: 100 });
  });

  test("are ready when they answer where the manifest says, within what Cloud Run waits", () => {
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

  test("without a port are pools of workers", () => {
    const pool = running(stackOf(withData), "workerPools").worker;
    expect(pool?.containers[0]?.ports).toBeUndefined();
    expect(pool?.containers[0]?.args).toEqual(["--", "bash", "-c", "node worker.js"]);
    expect(Object.keys(running(stackOf(withData), "services"))).toEqual(["web"]);
  });

  test("that only others reach stand beside each of them", () => {
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
    for (const one of [running(stack, "services").web, running(stack, "workerPools").worker]) {
      expect(one?.containers.map(({ name }) => name)).toEqual(["app", "beside-1"]);
      expect(envOf(one?.containers[0])).toMatchObject({ API: "http://127.0.0.1:4000" });
      expect(envOf(one?.containers[1])).toMatchObject({ PORT: "4000", ONLY: "api" });
      expect(one?.containers[1]?.ports).toBeUndefined();
    }
  });

  test("that nobody else is there for are reached from the project only", () => {
    const stack = stackOf(anApp({ services: [aService({ name: "api", public: false, port: 4000 })] }));
    expect(running(stack, "services").api).toMatchObject({ ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY" });
    expect(stack.url).toBeNull();
  });

  test("keep their folders in buckets, which those of the same name share", () => {
    const volumes = [{ name: "data", mount: "/data", size: 1 }];
    const app = anApp({
      services: [aService({ volumes }), aService({ name: "worker", public: false, port: null, volumes })],
    });
    const stack = stackOf(app);
    expect(bodies(stack, "buckets.insert")).toHaveLength(1);
    const gcs = expect.objectContaining({ bucket: "an-app-k3v9x2ab-data" });
    for (const one of [running(stack, "services").web, running(stack, "workerPools").worker]) {
      expect(one?.volumes).toEqual([{ name: "files-data", gcs }]);
      expect(one?.containers[0]?.volumeMounts).toEqual([{ name: "files-data", mountPath: "/data" }]);
    }
    expect(waits(stack).web).toContain("data");
  });

  test("take commands as they are, in the shell that their build brings", () => {
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

  test("are never told what Cloud Run tells them itself", () => {
    const env = { PORT: "1", K_SERVICE: "x", "A B": "x", "": "x", FINE: "y", "1st": "x" };
    const web = running(stackOf(anApp({ services: [aService({ env })] })), "services").web;
    expect(Object.keys(envOf(web?.containers[0]))).toEqual(["APP_URL", "FINE"]);
  });
});

describe("jobs", () => {
  test("run once, as long as they may, with what the app has around itself", () => {
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
    const acts = resources(stack).flatMap((one) => (one.kind === "act" ? [one.start] : []));
    expect(acts.filter(({ method }) => method === "projects.locations.jobs.run")).toHaveLength(2);
  });

  test("are started on time by an account that may do no more", () => {
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
  ])("at %s are run at %s", async (cron, expression, runs) => {
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

  test("hold every answer that is one, and the others are plain", () => {
    const web = running(stackOf(app), "services", answers).web;
    expect(envOf(web?.containers[0])).toEqual({
      APP_URL: expect.stringMatching(/^https:/),
      TITLE: "Hi",
      TOKEN: "secret token",
      SALT: "secret salt",
    });
    expect(kept(stackOf(app), answers)).toMatchObject({ token: "t0ken", salt: "abcd" });
  });

  test("are not made of what was not answered", () => {
    const secret = things(stackOf(app), "projects.secrets.create").find(({ id }) => id === "maybe-secret");
    expect(secret?.when).toEqual({ given: "MAYBE_SECRET" });
    const all = { env: { ...answers.env, MAYBE: "m", MAYBE_SECRET: "s" } };
    const web = running(stackOf(app), "services", all).web;
    expect(envOf(web?.containers[0])).toMatchObject({ MAYBE: "m", MAYBE_SECRET: "secret maybe-secret" });
  });

  test("keep every password, and no password stands anywhere else", () => {
    const stack = stackOf(manifest("discourse"), "production");
    const hidden = (known: Reference) =>
      "secret" in known || "read" in known || ("key" in known && known.key === "secret");
    const holders = resources(stack).filter((one) => [...findReferences(one)].some(hidden));
    expect(holders.map(({ id }) => id).toSorted()).toEqual([
      "database-url/value",
      "discourse-db-password/value",
      "instance",
      "key",
      "redis-url/value",
      "user",
    ]);
  });

  test("serve all who ask for the same", () => {
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
