import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import type { Preset } from "../../../src/plan.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { bodies, envOf, evaluate, kept, managedResources, resources, running, stackOf } from "./evaluate.ts";

const appWith = (...overrides: Partial<App["resources"][number]>[]) =>
  anApp({ resources: overrides.map((item) => aResource(item)) });
const sql = (app: App, preset?: Preset) => bodies(stackOf(app, preset), "instances.insert")[0];

describe("Postgres and MySQL", () => {
  test("have point-in-time backups; in production also high availability, protection and a final backup", () => {
    for (const preset of ["economy", "standard", "production"] as const) {
      const isProduction = preset === "production";
      const instance = sql(appWith({}), preset);
      expect(instance).toMatchObject({
        name: "an-app-k3v9x2ab-database-1",
        region: "us-central1",
        databaseVersion: "POSTGRES_17",
        settings: {
          edition: "ENTERPRISE",
          availabilityType: isProduction ? "REGIONAL" : "ZONAL",
          storageAutoResize: true,
          backupConfiguration: { enabled: true, pointInTimeRecoveryEnabled: true },
          deletionProtectionEnabled: isProduction,
          userLabels: { "managed-by": "slipway", "slipway-deployment": "k3v9x2abcdefghijklmnopqrst" },
        },
      });
      expect(Object.keys(instance?.settings ?? {}).includes("finalBackupConfig")).toBe(isProduction);
      const [resource] = managedResources(stackOf(appWith({}), preset), "instances.insert");
      expect(resource).toMatchObject({ mark: "settings.userLabels" });
      const protectedOne = managedResources(stackOf(appWith({}), "production"), "instances.insert")[0];
      expect(protectedOne?.loosen?.body).toEqual({ settings: { deletionProtectionEnabled: false } });
    }
  });

  test("accept connections from the proxy only", () => {
    expect(sql(appWith({}))).toMatchObject({
      settings: {
        ipConfiguration: { ipv4Enabled: true, authorizedNetworks: [], sslMode: "ENCRYPTED_ONLY" },
        connectorEnforcement: "REQUIRED",
      },
    });
  });

  test("get a new name on each attempt, as Google blocks a name for a week", () => {
    const [instance] = managedResources(stackOf(appWith({})), "instances.insert");
    expect(JSON.stringify(instance?.create.body)).toContain('{"is":"attempt"}');
    expect(JSON.stringify(instance?.find)).toContain('{"is":"attempt"}');
    const otherResources = resources(stackOf(appWith({}))).filter(
      (item) => !["instance", "database", "user"].includes(item.id),
    );
    expect(JSON.stringify(otherResources)).not.toContain('"attempt"');
  });

  test("are reached by services, workers and jobs through a local proxy sidecar", () => {
    const app = anApp({
      services: [aService(), aService({ name: "worker", public: false, port: null })],
      jobs: [aJob()],
      resources: [aResource()],
    });
    const stack = stackOf(app);
    const all = [running(stack, "services").web, running(stack, "workerPools").worker, running(stack, "jobs").release];
    for (const item of all) {
      const [container, proxy] = item?.containers ?? [];
      expect(envOf(container)).toMatchObject({ DATABASE_URL: "secret database-url" });
      expect(container?.dependsOn).toEqual(["cloud-sql-proxy"]);
      expect(proxy?.args).toEqual(
        expect.arrayContaining(["--exit-zero-on-sigterm", "my-project:us-central1:database?port=5432"]),
      );
      expect(proxy?.startupProbe).toMatchObject({ httpGet: { path: "/startup", port: 9801 } });
    }
    expect(kept(stack)["database-url"]).toBe("postgres://app:<database password>@127.0.0.1:5432/app");
    expect(running(stackOf(app, "production"), "services").web?.containers[1]?.resources).toMatchObject({
      limits: { cpu: "500m" },
      cpuIdle: false,
    });
  });

  test("share one proxy, on ports that the app does not use", () => {
    const app = anApp({
      services: [aService({ port: 5432 }), aService({ name: "api", public: false, port: 9801 })],
      resources: [
        aResource(),
        aResource({ name: "second", env: { SECOND_URL: "${url}" } }),
        aResource({ name: "legacy", type: "mysql", env: { LEGACY_URL: "${url}", LEGACY_PORT: "${port}" } }),
      ],
    });
    const proxy = running(stackOf(app), "services").web?.containers.find(({ name }) => name === "cloud-sql-proxy");
    expect(proxy?.args?.filter((arg) => arg.includes("?port=")).map((arg) => arg.split("=")[1])).toEqual([
      "5433",
      "5434",
      "3306",
    ]);
    expect(proxy?.args).toContain("--http-port=9802");
    expect(kept(stackOf(app))["legacy-url"]).toBe("mysql://app:<legacy password>@127.0.0.1:3306/app");
  });

  test("have the size, replicas and version that the manifest sets", () => {
    expect(sql(appWith({ version: "13" }))?.databaseVersion).toBe("POSTGRES_14");
    expect(sql(appWith({ version: "16.3" }))?.databaseVersion).toBe("POSTGRES_16");
    expect(sql(appWith({ type: "mysql", version: "5.7" }))?.databaseVersion).toBe("MYSQL_8_0");
    expect(sql(appWith({ type: "mysql" }))).toMatchObject({
      settings: { backupConfiguration: { binaryLogEnabled: true } },
    });
    const options = { class: "db-custom-8-32768", storage: 99.5, ha: true, "backup.retain": 14 };
    expect(sql(appWith({ options }))?.settings).toMatchObject({
      tier: "db-custom-8-32768",
      dataDiskSizeGb: "100",
      availabilityType: "REGIONAL",
      backupConfiguration: { backupRetentionSettings: { retainedBackups: 14 }, transactionLogRetentionDays: 7 },
    });
    expect(sql(appWith({ options: { class: "$(id)" } }))?.settings).toMatchObject({ tier: "db-f1-micro" });
  });
});

describe("Redis", () => {
  const app = appWith({ name: "redis", type: "redis", env: { REDIS_URL: "${url}", REDIS_HOST: "${host}" } });
  const redis = (overrides: Partial<App["resources"][number]>, preset?: Preset) =>
    bodies(
      stackOf(appWith({ name: "redis", type: "redis", env: {}, ...overrides }), preset),
      "projects.locations.instances.create",
    )[0];

  test("evicts nothing by default, requires a password, and has a replica in production", () => {
    expect(redis({})).toMatchObject({
      tier: "BASIC",
      memorySizeGb: 1,
      redisVersion: "REDIS_7_2",
      authorizedNetwork: "projects/my-project/global/networks/default",
      authEnabled: true,
      redisConfigs: { "maxmemory-policy": "noeviction" },
    });
    expect(redis({}, "production")).toMatchObject({ tier: "STANDARD_HA", memorySizeGb: 2 });
    expect(redis({ version: "6.2", options: { eviction: "allkeys-lru", ha: true } })).toMatchObject({
      redisVersion: "REDIS_6_X",
      tier: "STANDARD_HA",
      redisConfigs: { "maxmemory-policy": "allkeys-lru" },
    });
  });

  test("is reached through the VPC, which other apps do not use", () => {
    expect(running(stackOf(app), "services").web?.vpcAccess).toEqual({
      networkInterfaces: [
        {
          network: "projects/my-project/global/networks/default",
          subnetwork: "projects/my-project/regions/us-central1/subnetworks/default",
        },
      ],
      egress: "PRIVATE_RANGES_ONLY",
    });
    expect(running(stackOf(anApp()), "services").web).not.toHaveProperty("vpcAccess");
  });

  test("exposes its address, and its password only as a secret", () => {
    const stack = stackOf(app);
    expect(envOf(running(stack, "services").web?.containers[0])).toMatchObject({
      REDIS_URL: "secret redis-url",
      REDIS_HOST: "10.0.0.3",
    });
    expect(kept(stack)).toEqual({ "redis-url": "redis://:<auth>@10.0.0.3:6379" });
  });
});

describe("buckets", () => {
  const appWithKey = appWith({
    name: "uploads",
    type: "bucket",
    env: { S3_BUCKET: "${bucket}", S3_ENDPOINT: "${endpoint}", KEY_ID: "${access_key_id}", KEY: "${secret_key}" },
  });

  test("are private and accessible to the app's service account", () => {
    const app = appWith({ name: "uploads", type: "bucket", env: { BUCKET: "${bucket}", URL: "${url}" } });
    const stack = stackOf(app);
    expect(bodies(stack, "buckets.insert")[0]).toMatchObject({
      name: "an-app-k3v9x2ab-uploads",
      location: "us-central1",
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: "enforced" },
    });
    expect(envOf(running(stack, "services").web?.containers[0])).toMatchObject({
      BUCKET: "an-app-k3v9x2ab-uploads",
      URL: "gs://an-app-k3v9x2ab-uploads",
    });
    expect(stack.steps.map(({ name }) => name)).not.toContain("keys");
    expect(bodies(stackOf(app, "production"), "buckets.insert")[0]).toMatchObject({ versioning: { enabled: true } });
  });

  test("get an HMAC key of a dedicated service account if the app needs one", () => {
    const stack = stackOf(appWithKey);
    expect(envOf(running(stack, "services").web?.containers[0])).toMatchObject({
      S3_BUCKET: "an-app-k3v9x2ab-uploads",
      S3_ENDPOINT: "https://storage.googleapis.com",
      KEY_ID: "GOOG1EACCESSKEY",
      KEY: "secret key",
      AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
    });
    expect(kept(stack)).toEqual({ key: "<key>" });
    const [key] = resources(stack).filter((item) => item.kind === "key");
    expect(key?.create.method).toBe("projects.hmacKeys.create");
    expect(evaluate(key?.create.params.serviceAccountEmail ?? "")).toBe("keys@my-project.iam.gserviceaccount.com");
    expect(key?.remove.map(({ method }) => method)).toEqual(["projects.hmacKeys.update", "projects.hmacKeys.delete"]);
  });

  test("share one key", () => {
    const two = anApp({
      resources: [
        aResource({ name: "a", type: "bucket", env: { A: "${secret_key}" } }),
        aResource({ name: "b", type: "bucket", env: { B: "s3://${access_key_id}:${secret_key}@x" } }),
      ],
    });
    expect(resources(stackOf(two)).filter((item) => item.kind === "key")).toHaveLength(1);
    expect(kept(stackOf(two))).toEqual({ a: "<key>", b: "s3://GOOG1EACCESSKEY:<key>@x" });
  });

  test("avoid names that Google reserves", () => {
    const app = { ...appWithKey, slug: "google-docs-clone" };
    expect(bodies(stackOf(app), "buckets.insert")[0]?.name).toBe("ggle-docs-clone-k3v9x2ab-uploads");
  });
});

describe("resources that Google cannot provide", () => {
  const smtp = aResource({ name: "mail", type: "smtp", env: { SMTP_HOST: "${host}", SMTP_PASSWORD: "${password}" } });
  test("are prompted for and passed to the app as answered", () => {
    const app = anApp({
      resources: [smtp],
      env: { MAIL_AT: "smtp://${resource.mail.host}" },
      variables: [aVariable()],
    });
    const answers = { env: { GREETING: "hi", SMTP_HOST: "mail.example.com", SMTP_PASSWORD: "pw" } };
    expect(envOf(running(stackOf(app), "services", answers).web?.containers[0])).toMatchObject({
      GREETING: "hi",
      SMTP_HOST: "mail.example.com",
      SMTP_PASSWORD: "secret smtp-password",
      MAIL_AT: "secret mail-at",
    });
    expect(kept(stackOf(app), answers)).toMatchObject({ "mail-at": "smtp://mail.example.com" });
  });

  test("create no secret without an answer", () => {
    const app = anApp({ resources: [smtp], env: { ALSO: "${resource.mail.password}" } });
    const web = running(stackOf(app), "services").web;
    expect(Object.keys(envOf(web?.containers[0]))).toEqual(["APP_URL"]);
    const secrets = managedResources(stackOf(app), "projects.secrets.create");
    expect(secrets.map(({ when }) => when)).toEqual([{ given: "SMTP_PASSWORD" }]);
    const webContainer = running(stackOf(app), "services", { env: { SMTP_PASSWORD: "pw" } }).web;
    expect(envOf(webContainer?.containers[0])).toMatchObject({ ALSO: "secret smtp-password" });
  });
});
