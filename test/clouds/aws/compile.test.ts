import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import {
  createStackParameters,
  isStepDone,
  omitUnansweredOptionals,
  type Property,
  type Template,
} from "../../../src/clouds/aws/cloudformation.ts";
import { compile } from "../../../src/clouds/aws/compile/compile.ts";
import { validateParameters } from "../../../src/clouds/aws/provision/validate-parameters.ts";
import { Plan } from "../../../src/plan.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { evaluate, outputsOf } from "./evaluate.ts";
import { example, manifest, templateOf } from "./templates.ts";

const withData = anApp({
  services: [aService(), aService({ name: "worker", command: "node worker.js", public: false, port: null })],
  resources: [
    aResource(),
    aResource({ name: "redis", type: "redis", env: { REDIS_URL: "${url}", REDIS_HOST: "${host}" } }),
    aResource({ name: "uploads", type: "bucket", env: { S3_BUCKET: "${bucket}" } }),
  ],
});

const ofType = (template: Template, type: string) =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
const properties = (template: Template, type: string) =>
  ofType(template, type).map(([, item]) => item.Properties ?? {});
const evaluateApp = (app: App, parameters: Record<string, string> = {}, preset: "economy" | "production" = "economy") =>
  evaluate(templateOf(app, preset), parameters) as Record<string, Property>;
const environment = (task: Property | undefined) => {
  const [container] = (task?.ContainerDefinitions ?? []) as {
    Environment: { Name: string; Value: string }[];
    Secrets: { Name: string; ValueFrom: string }[];
  }[];
  return {
    ...Object.fromEntries((container?.Environment ?? []).map(({ Name, Value }) => [Name, Value])),
    ...Object.fromEntries((container?.Secrets ?? []).map(({ Name, ValueFrom }) => [Name, `secret ${ValueFrom}`])),
  };
};

/** Returns a required property. */
function part<T>(all: Record<string, Property>, id: string, name: string): T {
  const property = all[id]?.[name];
  if (property === undefined) throw new Error(`${id} has no ${name}`);
  return property as T;
}

describe("the plan", () => {
  test.each([
    ["hello", example("hello"), "economy"],
    ["guestbook", example("guestbook"), "economy"],
    ["discourse", manifest("discourse"), "production"],
  ] as const)("of %s matches its snapshot", async (name, app, preset) => {
    const plan = compile(app, { region: "eu-central-1", preset });
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const file = join(import.meta.dirname, "../../plans/aws", `${name}.json`);
    await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(file);
  });

  test("costs more with each preset, and in production runs at least two of each public service", () => {
    const [economy, standard, production] = (["economy", "standard", "production"] as const).map(
      (preset) => compile(withData, { region: "us-east-1", preset }).monthly ?? 0,
    );
    expect(economy).toBeGreaterThan(60);
    expect(standard).toBeGreaterThan(economy ?? 0);
    expect(production).toBeGreaterThan(standard ?? 0);
    expect(templateOf(withData, "production").Resources.AppWebService?.Properties?.DesiredCount).toBe(2);
    expect(templateOf(withData, "production").Resources.AppWorkerService?.Properties?.DesiredCount).toBe(1);
  });

  test("starts and ends with our steps, with every resource in a step between them", () => {
    const { steps, stack } = compile(withData, { region: "us-east-1", preset: "economy" });
    const names = steps.map(({ name }) => name);
    expect(names.at(0)).toBe("stack");
    expect(names.at(-1)).toBe("answer");
    const { Steps } = (stack as unknown as Template).Metadata.Slipway;
    expect(Steps.map(({ Name }) => Name)).toEqual(names.slice(1, -1));
  });
});

describe("the network", () => {
  test("has NAT gateways only in production, one per zone, with tasks in private subnets", () => {
    expect(ofType(templateOf(withData), "AWS::EC2::NatGateway")).toHaveLength(0);
    expect(ofType(templateOf(withData, "standard"), "AWS::EC2::NatGateway")).toHaveLength(0);
    expect(ofType(templateOf(withData, "production"), "AWS::EC2::NatGateway")).toHaveLength(2);
    const network = (preset: "economy" | "production") =>
      part<Property>(evaluateApp(withData, {}, preset), "AppWebService", "NetworkConfiguration").AwsvpcConfiguration;
    expect(network("economy")).toMatchObject({
      Subnets: ["<PublicSubnetA>", "<PublicSubnetB>"],
      AssignPublicIp: "ENABLED",
    });
    expect(network("production")).toMatchObject({
      Subnets: ["<PrivateSubnetA>", "<PrivateSubnetB>"],
      AssignPublicIp: "DISABLED",
    });
  });

  test("lets only the app's tasks reach its data, in private subnets", () => {
    const all = evaluateApp(withData);
    for (const id of ["DataDatabaseSecurityGroup", "DataRedisSecurityGroup"])
      expect(all[id]?.SecurityGroupIngress).toEqual([
        expect.objectContaining({ SourceSecurityGroupId: "<TaskSecurityGroup.GroupId>" }),
      ]);
    expect(all.DataDatabaseInstance).toMatchObject({
      PubliclyAccessible: false,
      DBSubnetGroupName: "<DataDatabaseSubnets>",
    });
    expect(all.DataDatabaseSubnets?.SubnetIds).toEqual(["<PrivateSubnetA>", "<PrivateSubnetB>"]);
    expect(all.AppWebIngress).toMatchObject({ SourceSecurityGroupId: "<LoadBalancerSecurityGroup.GroupId>" });
    const openGroups = Object.values(all).filter(
      (item) => JSON.stringify(item).includes("0.0.0.0/0") && item.GroupDescription,
    );
    expect(openGroups).toEqual([all.LoadBalancerSecurityGroup]);
  });

  test("is the visitor's own VPC if they name one", () => {
    const parameters = {
      VpcId: "vpc-0123456789abcdef0",
      PublicSubnetIds: "subnet-aaaaaaaa,subnet-bbbbbbbb",
      PrivateSubnetIds: "subnet-cccccccc,subnet-dddddddd",
    };
    const all = evaluateApp(withData, parameters, "production");
    const template = templateOf(withData, "production");
    for (const type of ["VPC", "Subnet", "NatGateway", "InternetGateway", "Route", "EIP"])
      for (const [id] of ofType(template, `AWS::EC2::${type}`)) expect(all[id], id).toBeUndefined();
    expect(all.LoadBalancer?.Subnets).toEqual(["subnet-aaaaaaaa", "subnet-bbbbbbbb"]);
    expect(all.DataDatabaseSubnets?.SubnetIds).toEqual(["subnet-cccccccc", "subnet-dddddddd"]);
    expect(all.TaskSecurityGroup?.VpcId).toBe("vpc-0123456789abcdef0");
    expect(JSON.stringify(all)).not.toMatch(/<(Vpc|Public|Private|Nat)/);
  });
});

describe("the address", () => {
  const app = anApp({
    variables: [aVariable({ name: "BASE", default: "${app.url}/x" })],
    env: { HOST_NAME: "${app.host}" },
  });
  test("is CloudFront's without a domain, and is passed to the app", () => {
    expect(environment(evaluateApp(app).AppWebTask)).toMatchObject({
      APP_URL: "https://<Distribution.DomainName>",
      BASE: "https://<Distribution.DomainName>/x",
      HOST_NAME: "<Distribution.DomainName>",
      PORT: "8080",
    });
    expect(outputsOf(templateOf(app)).Url).toBe("https://<Distribution.DomainName>/");
    expect(evaluateApp(app).HttpsListener).toBeUndefined();
  });

  test("is the visitor's domain if they have one, with a certificate and a DNS record", () => {
    const parameters = { DomainName: "app.example.com", HostedZoneId: "Z123" };
    const all = evaluateApp(app, parameters);
    expect(environment(all.AppWebTask)).toMatchObject({
      APP_URL: "https://app.example.com",
      HOST_NAME: "app.example.com",
    });
    expect(outputsOf(templateOf(app), parameters).Url).toBe("https://app.example.com/");
    expect(all.Certificate).toMatchObject({ DomainName: "app.example.com", ValidationMethod: "DNS" });
    expect(all.Record).toMatchObject({ HostedZoneId: "Z123", Name: "app.example.com" });
    expect(all.HttpsListener?.Certificates).toEqual([{ CertificateArn: "<Certificate>" }]);
    const arn = "arn:aws:acm:us-east-1:111122223333:certificate/abc";
    const elsewhere = evaluateApp(app, { DomainName: "app.example.com", CertificateArn: arn });
    expect(elsewhere.HttpsListener?.Certificates).toEqual([{ CertificateArn: arn }]);
    expect([elsewhere.Certificate, elsewhere.Record]).toEqual([undefined, undefined]);
  });

  test("is reached over HTTPS only: requests that bypass CloudFront are rejected or redirected", () => {
    const [action] = part<Property[]>(evaluateApp(app), "HttpListener", "DefaultActions");
    expect(action).toMatchObject({ Type: "fixed-response", FixedResponseConfig: { StatusCode: "403" } });
    const [redirect] = part<Property[]>(
      evaluateApp(app, { DomainName: "a.example.com", HostedZoneId: "Z1" }),
      "HttpListener",
      "DefaultActions",
    );
    expect(redirect).toMatchObject({ Type: "redirect", RedirectConfig: { Protocol: "HTTPS" } });
    const origin = JSON.stringify(evaluateApp(app).Distribution);
    const [condition] = part<{ HttpHeaderConfig: { Values: string[] } }[]>(
      evaluateApp(app),
      "AppWebRule",
      "Conditions",
    );
    expect(origin).toContain(condition?.HttpHeaderConfig.Values[0]);
  });

  test("the proxy sidecar tells the app that its visitors use HTTPS", () => {
    const [, proxy] = part<Property[]>(evaluateApp(app), "AppWebTask", "ContainerDefinitions");
    expect(JSON.stringify(proxy)).toContain("proxy_set_header X-Forwarded-Proto https;");
    expect(JSON.stringify(proxy)).toContain("proxy_pass http://127.0.0.1:8080;");
    expect(evaluateApp(app).AppWebService?.LoadBalancers).toEqual([
      { ContainerName: "https", ContainerPort: 8081, TargetGroupArn: "<AppWebTargets>" },
    ]);
    expect(evaluateApp(app).AppWebTargets?.Port).toBe(8081);
  });

  test("an answer equal to the placeholder is resolved by the stack", () => {
    const template = templateOf(app);
    expect(createStackParameters(template, { BASE: "${app.url}/x" }, {})).toEqual([]);
    expect(createStackParameters(template, { BASE: "https://other.example" }, {})).toEqual([
      { ParameterKey: "EnvBase", ParameterValue: "https://other.example" },
    ]);
    expect(environment(evaluateApp(app, { EnvBase: "https://other.example" }).AppWebTask)).toMatchObject({
      BASE: "https://other.example",
    });
  });

  test("every public service has one, and private services are reached by name", () => {
    const mastodon = evaluateApp(manifest("mastodon"));
    expect(environment(mastodon.AppWebTask)).toMatchObject({
      STREAMING_API_BASE_URL: "wss://<AppStreamingDistribution.DomainName>",
    });
    expect(outputsOf(templateOf(manifest("mastodon"))).AppStreamingUrl).toBe(
      "https://<AppStreamingDistribution.DomainName>/",
    );
    expect(part<Property[]>(mastodon, "AppStreamingTask", "ContainerDefinitions")[0]?.Image).toBe(
      "ghcr.io/mastodon/mastodon-streaming:v4.4.0",
    );
    const split = evaluateApp(
      anApp({
        services: [aService(), aService({ name: "Api", public: false, port: 4000 })],
        env: { API: "http://${service.Api.host}:${service.Api.port}" },
      }),
    );
    expect(environment(split.AppWebTask)).toMatchObject({ API: "http://api:4000" });
    expect(split.AppApiService?.ServiceConnectConfiguration).toMatchObject({
      Services: [{ ClientAliases: [{ DnsName: "api", Port: 4000 }] }],
    });
    expect(split.AppWebService?.ServiceConnectConfiguration).toEqual({ Enabled: true, Namespace: "<Names.Arn>" });
  });

  test("an app without a public service has neither a load balancer nor a URL", () => {
    const bot = templateOf(anApp({ services: [aService({ name: "bot", public: false, port: null })] }));
    expect(
      Object.values(bot.Resources)
        .map(({ Type }) => Type)
        .join(),
    ).not.toMatch(/ElasticLoad|CloudFront/);
    expect(bot.Outputs.Url).toBeUndefined();
  });
});

describe("data", () => {
  test("is encrypted with point-in-time backups; in production also Multi-AZ, protected and kept as a snapshot", () => {
    for (const preset of ["economy", "standard", "production"] as const) {
      const {
        DataDatabaseInstance: database,
        DataRedisCache: cache,
        DataUploadsBucket: files,
      } = templateOf(withData, preset).Resources;
      const isProduction = preset === "production";
      expect(database?.Properties).toMatchObject({
        StorageEncrypted: true,
        MultiAZ: isProduction,
        DeletionProtection: isProduction && { "Fn::If": ["IsProtected", true, false] },
      });
      expect(database?.Properties?.BackupRetentionPeriod).toBeGreaterThan(0);
      expect(database?.DeletionPolicy).toBe(isProduction ? "Snapshot" : "Delete");
      expect(cache?.Properties).toMatchObject({
        Engine: "valkey",
        AtRestEncryptionEnabled: true,
        NumCacheClusters: isProduction ? 2 : 1,
        AutomaticFailoverEnabled: isProduction,
      });
      expect(files?.DeletionPolicy).toBe(isProduction ? "RetainExceptOnCreate" : "Delete");
      expect(JSON.stringify(files?.Properties)).toContain("AES256");
    }
  });

  test("reaches the app as secrets, and no password is readable in the template", () => {
    const all = evaluateApp(withData);
    expect(environment(all.AppWebTask)).toMatchObject({
      DATABASE_URL: "secret <SecretDatabaseUrl>",
      REDIS_URL: "rediss://<DataRedisCache.PrimaryEndPoint.Address>:6379",
      REDIS_HOST: "<DataRedisCache.PrimaryEndPoint.Address>",
      S3_BUCKET: "<DataUploadsBucket>",
    });
    expect(all.SecretDatabaseUrl?.SecretString).toBe(
      "postgres://app:{{resolve:secretsmanager:<DataDatabasePassword>:SecretString:password}}@<DataDatabaseInstance.Endpoint.Address>:5432/app",
    );
    const secretUsers = Object.entries(all).filter(([, item]) => JSON.stringify(item).includes("{{resolve:"));
    expect(secretUsers.map(([id]) => id).toSorted()).toEqual(["DataDatabaseInstance", "SecretDatabaseUrl"]);
    expect(all.DataDatabasePassword?.GenerateSecretString).toMatchObject({
      PasswordLength: 32,
      ExcludePunctuation: true,
    });
  });

  test("is available as parts, and one secret is shared by all that need the same value", () => {
    const all = evaluateApp(
      anApp({
        resources: [
          aResource({
            env: { A: "${url}", B: "${url}", P: "${password}", H: "${host}", U: "u=${username}&p=${password}" },
          }),
        ],
      }),
    );
    expect(environment(all.AppWebTask)).toMatchObject({
      A: "secret <SecretA>",
      B: "secret <SecretA>",
      P: "secret <DataDatabasePassword>:password::",
      H: "<DataDatabaseInstance.Endpoint.Address>",
      U: "secret <SecretU>",
    });
    expect(all.SecretU?.SecretString).toMatch(/^u=app&p=\{\{resolve:/);
  });

  test("has the size, replicas and version that the manifest sets", () => {
    const evaluateResource = (overrides: Partial<App["resources"][number]>) =>
      evaluateApp(anApp({ resources: [aResource(overrides)] }));
    expect(evaluateResource({ version: "13" }).DataDatabaseInstance?.EngineVersion).toBe("14");
    expect(evaluateResource({ version: "16.3" }).DataDatabaseInstance?.EngineVersion).toBe("16");
    expect(evaluateResource({ version: "99" }).DataDatabaseInstance?.EngineVersion).toBe("17");
    expect(evaluateResource({ type: "mysql", version: "5.7" }).DataDatabaseInstance?.EngineVersion).toMatch(/^8\.4/);
    const options = { storage: 100, ha: true, class: "db.m7g.large", "backup.retain": 14 };
    expect(evaluateResource({ options }).DataDatabaseInstance).toMatchObject({
      AllocatedStorage: "100",
      MultiAZ: true,
      DBInstanceClass: "db.m7g.large",
      BackupRetentionPeriod: 14,
    });
    expect(evaluateResource({ options: { class: '"};' } }).DataDatabaseInstance?.DBInstanceClass).toBe("db.t4g.micro");
  });

  test("a bucket's keys belong to a user with no other rights, and are created only if requested", () => {
    expect(ofType(templateOf(withData), "AWS::IAM::User")).toEqual([]);
    const all = evaluateApp(manifest("discourse"));
    expect(environment(all.AppWebTask)).toMatchObject({
      DISCOURSE_S3_ACCESS_KEY_ID: "<DataUploadsAccessKey>",
      DISCOURSE_S3_SECRET_ACCESS_KEY: "secret <SecretDiscourseS3SecretAccessKey>",
    });
    expect(JSON.stringify(all.DataUploadsUser?.Policies)).not.toContain('"*"');
  });
});

describe("variables", () => {
  const app = anApp({
    variables: [
      aVariable({ name: "REQUIRED" }),
      aVariable({ name: "TOKEN", secret: true }),
      aVariable({ name: "KEY", secret: true, generator: { kind: "hex", length: 64 } }),
      aVariable({ name: "MADE", secret: true, generator: { kind: "password", length: 20, alphabet: "abc123" } }),
      aVariable({ name: "UUID", generator: { kind: "uuid", length: 36 } }),
      aVariable({ name: "COLOUR", default: "red", options: ["red", "green"] }),
      aVariable({ name: "MAYBE", required: false }),
      aVariable({ name: "MAYBE_SECRET", required: false, secret: true }),
    ],
  });
  const template = templateOf(app);

  test("are parameters: NoEcho if secret, required if they have no default", () => {
    const { Parameters } = template;
    expect(Parameters.EnvRequired).toMatchObject({ MinLength: 1 });
    expect(Parameters.EnvRequired).not.toHaveProperty("Default");
    expect(Parameters.EnvToken).toMatchObject({ NoEcho: true, MinLength: 1 });
    expect(Parameters.EnvUuid).not.toHaveProperty("Default");
    expect(Parameters.EnvColour).toMatchObject({ Default: "red", AllowedValues: ["red", "green"] });
    expect(Parameters.MoreVariables).toMatchObject({ NoEcho: true, Default: '{"MAYBE_SECRET":""}' });
  });

  test("reach the app through Secrets Manager only, if secret", () => {
    const hidden = Object.entries(template.Parameters).flatMap(([name, { NoEcho }]) => (NoEcho ? [name] : []));
    expect(hidden).toHaveLength(5);
    for (const task of properties(template, "AWS::ECS::TaskDefinition"))
      for (const name of hidden) expect(JSON.stringify(task)).not.toContain(`{"Ref":"${name}"}`);
  });

  test("are generated in the visitor's account unless answered", () => {
    const all = evaluateApp(app);
    expect(all.SecretKey).toEqual({
      GenerateSecretString: expect.objectContaining({ PasswordLength: 64, RequireEachIncludedType: false }),
      Tags: expect.anything(),
    });
    const { ExcludeCharacters } = part<{ ExcludeCharacters: string }>(all, "SecretKey", "GenerateSecretString");
    const every = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    expect(every.filter((item) => !ExcludeCharacters.includes(item)).join("")).toBe("0123456789abcdef");
    const password = all.SecretMade?.GenerateSecretString as { ExcludeCharacters: string };
    expect(every.filter((item) => !password.ExcludeCharacters.includes(item)).join("")).toBe("123abc");
    expect(evaluateApp(app, { EnvKey: "mine" }).SecretKey).toMatchObject({ SecretString: "mine" });
  });

  test("are not set without an answer", () => {
    const env = { REQUIRED: "a", TOKEN: "b", KEY: "c", UUID: "d", COLOUR: "green" };
    const withoutOptional = environment(evaluate(omitUnansweredOptionals(template, env)).AppWebTask as Property);
    expect(Object.keys(withoutOptional)).toEqual(expect.arrayContaining(["REQUIRED", "TOKEN", "KEY", "MADE"]));
    expect(withoutOptional).not.toHaveProperty("MAYBE");
    expect(withoutOptional).not.toHaveProperty("MAYBE_SECRET");
    const allAnswers = { ...env, MAYBE: "x", MAYBE_SECRET: "y" };
    expect(environment(evaluate(omitUnansweredOptionals(template, allAnswers)).AppWebTask as Property)).toMatchObject({
      MAYBE: "",
      MAYBE_SECRET: "secret <MoreSecret>:MAYBE_SECRET::",
    });
    expect(createStackParameters(template, allAnswers, { DeploymentId: "id" })).toEqual(
      expect.arrayContaining([
        { ParameterKey: "DeploymentId", ParameterValue: "id" },
        { ParameterKey: "EnvMaybe", ParameterValue: "x" },
        { ParameterKey: "MoreVariables", ParameterValue: '{"MAYBE_SECRET":"y"}' },
      ]),
    );
  });

  test("beyond 60 share one parameter, and long defaults are kept", () => {
    const shortVariables = Array.from({ length: 90 }, (_, index) =>
      aVariable({ name: `V_${index}`, default: `${index}` }),
    );
    const longVariable = aVariable({ name: "LONG", default: "x".repeat(5000) });
    const app = anApp({ variables: [...shortVariables, longVariable] });
    expect(Object.keys(templateOf(app, "production").Parameters)).toHaveLength(60);
    const overflowing = templateOf(app);
    const env = Object.fromEntries(shortVariables.map(({ name }) => [name, `answer ${name}`]));
    const values = Object.fromEntries(
      createStackParameters(overflowing, env, {}).map((item) => [item.ParameterKey, item.ParameterValue]),
    );
    expect(JSON.parse(values.MoreVariables ?? "")).toMatchObject({ V_89: "answer V_89" });
    const containerEnv = environment(evaluate(overflowing, values).AppWebTask as Property);
    expect(Object.keys(containerEnv).filter((name) => name.startsWith("V_"))).toHaveLength(90);
    expect(containerEnv).toMatchObject({
      LONG: "x".repeat(5000),
      V_0: "answer V_0",
      V_89: "secret <MoreSecret>:V_89::",
    });
  });

  test("may fill a parameter to its last byte but no further; a default outside the parameters has no limit", () => {
    const secret = (name: string) => aVariable({ name, required: false, secret: true });
    const longVariable = aVariable({ name: "LONG", default: "x".repeat(5000) });
    const template = templateOf(
      anApp({ variables: [aVariable(), ...["A", "B", "C", "D", "E", "F"].map(secret), longVariable] }),
    );
    const validate = (env: Record<string, string>) => validateParameters(template, { LONG: "x".repeat(5000), ...env });
    const shared = JSON.stringify({ A: "", B: "", C: "", D: "", E: "", F: "" }).length;
    expect(validate({ GREETING: "é".repeat(2048), A: "x".repeat(4096 - shared) })).toEqual([]);
    expect(validate({ GREETING: `${"é".repeat(2048)}.` })).toMatchObject([
      { path: "env.GREETING", message: "GREETING is longer than the 4096 bytes that CloudFormation takes." },
    ]);
    const [note, ...others] = validate({ A: "1", B: "12", C: "123", D: "é".repeat(2020), E: "1234", F: "12345" });
    expect(others).toEqual([]);
    expect(note?.path).toBe("env.D");
    expect(note?.message).toMatch(/ and they are 4\d\d\d: D, F, E, C, B, ... \(6 in all\)\.$/);
  });

  test("with similar names get distinct parameters", () => {
    const names = ["TOKEN", "TOKEN_SECRET", "token", "TOKEN_GIVEN", "Token-Made", "T.O.K.E.N", "é"];
    const template = templateOf(anApp({ variables: names.map((name) => aVariable({ name, secret: true })) }));
    const ids = [...Object.keys(template.Parameters), ...Object.keys(template.Resources)];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id.startsWith("Secret"))).toHaveLength(names.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]+$/);
  });

  test("that the stack resolves are not prompted for", () => {
    const started = templateOf(
      anApp({
        resources: [aResource()],
        env: { MODE: "production" },
        variables: ["DATABASE_URL", "MODE", "PORT", "OTHER"].map((name) => aVariable({ name })),
      }),
    );
    expect(Object.keys(started.Parameters).filter((name) => name.startsWith("Env"))).toEqual(["EnvOther"]);
  });

  test("of resources that AWS cannot provide are prompted for", () => {
    const discourse = templateOf(manifest("discourse"));
    expect(discourse.Parameters.EnvDiscourseSmtpAddress).toMatchObject({ Default: "" });
    expect(discourse.Metadata.Slipway.More).toContainEqual({ Name: "DISCOURSE_SMTP_PASSWORD", Default: "" });
    const mongo = templateOf(
      anApp({ resources: [aResource({ name: "db", type: "mongodb", env: { MONGODB_URI: "${url}" } })] }),
    );
    expect(mongo.Parameters.EnvMongodbUri).toMatchObject({ NoEcho: true, MinLength: 1 });
  });
});

describe("the order of resources", () => {
  const app = anApp({
    jobs: [
      aJob(),
      aJob({ name: "seed", when: "first" }),
      aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *" }),
    ],
    resources: [aResource()],
  });
  const { Resources } = templateOf(app);

  test("is build, data, release, first-time jobs, then services", () => {
    expect(Resources.CommandTask?.DependsOn).toContain("BuiltImage");
    expect(Resources.AppWebTask?.DependsOn).toContain("BuiltImage");
    expect(JSON.stringify(Resources.JobReleaseRun?.Properties)).toContain("CommandTask");
    expect(Resources.JobSeedRun?.DependsOn).toContain("JobReleaseRun");
    expect(Resources.AppWebService?.DependsOn).toContain("JobSeedRun");
    expect(Resources.ScheduleNightlyAt?.DependsOn).toContain("JobSeedRun");
    expect([Resources.JobReleaseRun, Resources.JobSeedRun].map((item) => item?.Properties?.Once)).toEqual([
      "false",
      "true",
    ]);
  });

  test("waits for the network's route without depending on conditional resources", () => {
    const conditional = Object.entries(Resources).flatMap(([id, { Condition }]) => (Condition ? [id] : []));
    for (const { DependsOn = [], Condition } of Object.values(Resources))
      if (!Condition) expect(DependsOn.filter((id) => conditional.includes(id))).toEqual([]);
    expect(JSON.stringify(Resources.AppWebService?.Properties)).toContain("PublicPathA");
    expect(JSON.stringify(Resources.JobReleaseRun?.Properties)).toContain("PublicPathA");
  });

  test("does not build an existing image", () => {
    const template = templateOf({ ...app, build: { kind: "image", image: "ghcr.io/o/r:1" } });
    expect(properties(template, "AWS::CodeBuild::Project")).toEqual([]);
    expect(template.Resources.BuiltImage).toBeUndefined();
    expect((evaluate(template).AppWebTask as { ContainerDefinitions: Property[] }).ContainerDefinitions[0]?.Image).toBe(
      "ghcr.io/o/r:1",
    );
  });

  test("completes a step once all of its resources are complete", () => {
    const template = templateOf(app);
    const ids = template.Metadata.Slipway.Steps.find(({ Name }) => Name === "database")?.Resources ?? [];
    expect(isStepDone(template, "database", new Set(ids), new Set(ids.slice(1)))).toBe(false);
    expect(isStepDone(template, "database", new Set(ids), new Set(ids))).toBe(true);
    expect(isStepDone(template, "network", new Set(), new Set())).toBe(false);
  });
});

describe("permissions", () => {
  const templates = [
    templateOf(withData),
    templateOf(manifest("discourse"), "production"),
    templateOf(example("guestbook")),
  ];
  const statements = templates.flatMap((template) =>
    [...properties(template, "AWS::IAM::Role"), ...properties(template, "AWS::IAM::User")]
      .flatMap(
        ({ Policies = [] }) =>
          Policies as { PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] } }[],
      )
      .concat(properties(template, "AWS::IAM::Policy") as never[])
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
  );

  test("name each action and resource; only the ECR login allows all resources", () => {
    expect(statements.length).toBeGreaterThan(20);
    for (const { Action, Resource } of statements) {
      expect(Action.join()).not.toContain("*");
      if (Resource === "*") expect(Action).toEqual(["ecr:GetAuthorizationToken"]);
    }
  });

  test("have a boundary on every role and user, and no role has a custom name", () => {
    for (const template of templates)
      for (const item of [...properties(template, "AWS::IAM::Role"), ...properties(template, "AWS::IAM::User")]) {
        expect(item.PermissionsBoundary).toEqual({ Ref: "PermissionsBoundaryArn" });
        expect(item).not.toHaveProperty("RoleName");
      }
  });

  test("of the app are empty if it uses no resources", () => {
    expect(templateOf(anApp()).Resources.TaskRole?.Properties).not.toHaveProperty("Policies");
  });
});

test("services scale between their limits, with tags and logs that expire", () => {
  const template = templateOf(anApp({ services: [aService({ scale: { min: 2, max: 5 } })] }));
  expect(template.Resources.AppWebScale?.Properties).toMatchObject({ MinCapacity: 2, MaxCapacity: 5 });
  expect(template.Resources.AppWebAutoscaling?.Properties?.PolicyType).toBe("TargetTrackingScaling");
  expect(templateOf(anApp()).Resources.AppWebScale).toBeUndefined();
  expect(template.Resources.LogGroup?.Properties?.RetentionInDays).toBe(7);
  expect(evaluate(template, { DeploymentId: "abc" }).Cluster).toMatchObject({
    Tags: [
      { Key: "slipway:app", Value: "an-app" },
      { Key: "slipway:deployment", Value: "abc" },
      { Key: "slipway:commit", Value: anApp().source.commit },
    ],
  });
});

test("a manifest's AWS options apply", () => {
  const overrides = {
    aws: { services: { web: { size: "L" as const } }, resources: { database: { options: { class: "db.t4g.large" } } } },
  };
  const all = evaluateApp({ ...withData, overrides });
  expect(all.AppWebTask).toMatchObject({ Cpu: "1024", Memory: "4096" });
  expect(all.DataDatabaseInstance?.DBInstanceClass).toBe("db.t4g.large");
});
