import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect, isValidIssuer, oidcSubject } from "../../../src/clouds/aws/access/connect.ts";
import type { roleTemplate } from "../../../src/clouds/aws/access/role-template.ts";
import type { TrustMethod } from "../../../src/clouds/aws/dependencies.ts";
import { assume } from "../../../src/clouds/aws/provision/api/assume-role.ts";
import type { RoleAccess } from "../../../src/clouds/aws/role-access.ts";
import type { Access } from "../../../src/clouds/cloud.ts";
import { createIssuer } from "../../../src/identity/oidc-issuer.ts";
import { aTemplate, awsPlan } from "../../fakes/aws/stack.ts";
import { createTestAws, operatorAccount, origin, type TestAws, visitorAccount } from "../../fakes/aws/test-aws.ts";

let env: TestAws;
beforeEach(async () => {
  env = await createTestAws({ operator: true });
});
afterEach(async () => {
  expect(env.aws.bugs).toEqual([]);
  await env.close();
});

const somebodyElse = "zyxwvutsrqponmlkjihgfedcba";
type Bootstrap = ReturnType<typeof roleTemplate>;
/** Changes the condition of the role's trust policy. */
const changeTrustCondition =
  (change: (condition: Record<string, Record<string, unknown>>) => void) => (template: Bootstrap) => {
    const [statement] = template.Resources.Role.Properties.AssumeRolePolicyDocument.Statement as {
      Condition?: Record<string, Record<string, unknown>>;
    }[];
    change(statement?.Condition ?? {});
  };
const preflight = (access: Access, plan = awsPlan()) => env.cloud.preflight(plan, access);
const preflightMessage = async (access: Access, plan = awsPlan()) =>
  (await preflight(access, plan)).map(({ message, fix }) => `${message} ${fix}`).join("\n");

describe("the access input", () => {
  const parseInput = (input: Record<string, unknown>) => {
    const read = env.cloud.connect.parse(input);
    return read.ok ? read.value : read.problems.map(({ path }) => path);
  };
  const visitor = somebodyElse;

  test("derives the role's name from the account ID and the visitor", () => {
    const subject = oidcSubject(env.dependencies, visitor);
    const access = {
      way: "oidc",
      account: visitorAccount,
      subject,
      roleArn: `arn:aws:iam::${visitorAccount}:role/lent-to-slipway-${subject}`,
    };
    expect(parseInput({ visitor, account: visitorAccount })).toEqual(access);
    expect(parseInput({ visitor, account: " 1111-2222-3333 " })).toEqual(access);
    expect(parseInput({ visitor, account: access.roleArn })).toEqual(access);
    expect(parseInput({ visitor, roleArn: access.roleArn, way: "role" })).toEqual({ ...access, way: "role" });
  });

  test("ignores a subject or external ID from the request", () => {
    const myKey = parseInput({ visitor, account: visitorAccount, subject: "mine", externalId: "mine" });
    expect(JSON.stringify(myKey)).not.toContain("mine");
    const otherSubject = parseInput({ visitor: "abcdefghijklmnopqrstuvwxyz", account: visitorAccount });
    expect((myKey as Access).subject).not.toBe((otherSubject as Access).subject);
    expect((myKey as Access).subject).not.toContain(visitor);
  });

  test.each([
    [{ visitor, account: "12345" }, "access.account"],
    [{ visitor, account: "" }, "access.account"],
    [{ visitor, roleArn: "arn:aws:iam::111122223333:user/me" }, "access.roleArn"],
    [{ visitor, roleArn: "arn:aws:iam::111122223333:role/a b" }, "access.roleArn"],
    [{ visitor, account: ["111122223333"] }, "access.account"],
    [{ account: visitorAccount }, "access.account"],
    [{ visitor: "short", account: visitorAccount }, "access.account"],
    [{ visitor, account: visitorAccount, way: "keys" }, "access.way"],
  ])("%j is a problem of %s", (input, path) => {
    expect(parseInput(input)).toEqual([path]);
  });

  test("offers OIDC only at a public HTTPS origin, and role trust only with the operator's keys", () => {
    expect(
      [
        "https://slipway.example",
        "http://slipway.example",
        "https://slipway.example:8443",
        "https://localhost",
        "https://10.0.0.1",
      ].map(isValidIssuer),
    ).toEqual([true, false, false, false, false]);
    const localConnect = connect({ ...env.dependencies, origin: "http://localhost:8080", keys: null });
    expect(localConnect.parse({ visitor, account: visitorAccount }).ok).toBe(false);
    expect(localConnect.summary).toContain("isn't set up on this server");
  });
});

describe.each(["oidc", "role"] as TrustMethod[])("a role connected with %s", (way) => {
  const assumeWith = async (overrides: Partial<RoleAccess>, subject: string | null = null) => {
    const access = await env.createRole(way);
    const fullAccess = { ...(access as unknown as RoleAccess), ...overrides };
    return assume(env.dependencies, "us-east-1", fullAccess, subject ?? fullAccess.subject).then(
      ({ arn }) => arn,
      (error: Error) => error.name,
    );
  };

  test("can be assumed for its visitor", async () => {
    expect(await assumeWith({})).toMatch(
      /^arn:aws:sts::111122223333:assumed-role\/lent-to-slipway-[a-z2-7]{24}\/slipway-check$/,
    );
    expect(await preflight(env.parseAccess({ account: visitorAccount, way }))).toEqual([]);
  });

  test("cannot be assumed for another visitor", async () => {
    expect(await assumeWith({}, oidcSubject(env.dependencies, somebodyElse))).toBe("AccessDenied");
    const otherAccess = env.parseAccess(
      { roleArn: env.parseAccess({ account: visitorAccount, way }).roleArn ?? "", way },
      somebodyElse,
    );
    expect(await preflightMessage(otherAccess)).toContain("does not lend us");
  });

  test("rejects keys of another account and tokens of another issuer", async () => {
    const access = await env.createRole(way);
    const foreign = env.aws.account("555566667777").keys;
    const dependencies = { ...env.dependencies, keys: foreign, signIdToken: async () => "a.b.c" };
    await expect(
      assume(dependencies, "us-east-1", access as unknown as RoleAccess, access.subject ?? ""),
    ).rejects.toThrow();
  });

  test("is rejected if any caller can assume it", async () => {
    const openAccess = await env.createRole(
      way,
      changeTrustCondition((condition) => {
        for (const keys of Object.values(condition))
          for (const key of Object.keys(keys)) if (/ExternalId|:sub$/.test(key)) delete keys[key];
      }),
    );
    expect(await preflightMessage(openAccess)).toMatch(
      /lets us in (without an external id|for any subject): anybody could/,
    );
  });

  test("is rejected if its condition accepts any subject", async () => {
    const openAccess = await env.createRole(
      way,
      changeTrustCondition((condition) => {
        const key = way === "role" ? "sts:ExternalId" : "slipway.example:sub";
        delete condition.StringEquals?.[key];
        condition.StringLike = { [key]: "*" };
      }),
    );
    expect(await preflightMessage(openAccess)).toMatch(/lets us in (with any external id|for any subject)/);
  });

  test("reports a missing role, with where to create it", async () => {
    expect(await preflightMessage(env.parseAccess({ account: visitorAccount, way }))).toContain(
      `${origin}/connect/aws`,
    );
    expect(await preflightMessage(env.parseAccess({ account: "000000000000", way }))).toContain(
      `${origin}/connect/aws`,
    );
  });
});

describe("our ID token", () => {
  const subject = () => oidcSubject(env.dependencies, "abcdefghijklmnopqrstuvwxyz");
  const denialOf = async (make: () => Promise<string>) => {
    const access = (await env.createRole()) as unknown as RoleAccess;
    const dependencies = { ...env.dependencies, signIdToken: make };
    return assume(dependencies, "us-east-1", access, access.subject).then(
      () => "let in",
      (error: Error) => `${error.name}: ${error.message}`,
    );
  };

  test("is accepted for this visitor with AWS's audience", async () => {
    expect(await denialOf(() => env.keys.signToken(subject(), "sts.amazonaws.com"))).toBe("let in");
  });
  test("is rejected for another audience", async () => {
    expect(await denialOf(() => env.keys.signToken(subject(), "https://else.example"))).toContain(
      "Incorrect token audience",
    );
  });
  test("is rejected when it is older than five minutes", async () => {
    const oldToken = async () => {
      const token = await env.keys.signToken(subject(), "sts.amazonaws.com");
      env.time.advance(301_000);
      return token;
    };
    expect(await denialOf(oldToken)).toContain("Token expired");
  });
  test("is rejected when it was changed", async () => {
    const changedToken = async () => {
      const [head, , signature] = (await env.keys.signToken("somebody else", "sts.amazonaws.com")).split(".");
      const seconds = env.time.now() / 1000;
      const claims = { iss: origin, sub: subject(), aud: "sts.amazonaws.com", exp: seconds + 60, iat: seconds };
      return [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    };
    expect(await denialOf(changedToken)).toContain("signature");
  });
  test("is rejected when an unpublished key signed it", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "slipway-oidc-"));
    const forger = createIssuer({ origin, dataDir, now: () => new Date(env.time.now()), newId: () => "forged" });
    expect(await denialOf(() => forger.signToken(subject(), "sts.amazonaws.com"))).toContain("verification key");
    rmSync(dataDir, { recursive: true, maxRetries: 5 });
  });
});

describe("preflight", () => {
  test("reports a role that belongs to another account", async () => {
    const access = await env.createRole();
    expect(await preflightMessage({ ...access, account: "444455556666" })).toContain(
      "belongs to the account 111122223333, not to 444455556666",
    );
  });

  test("reports an issuer that AWS does not know or cannot reach", async () => {
    const access = await env.createRole();
    env.visitor.account.providers.clear();
    expect(await preflightMessage(access)).toMatch(/No OpenIDConnect provider found.*Tell whoever runs it/);
  });

  test("reports a disabled region", async () => {
    expect(await preflightMessage(await env.createRole(), awsPlan(aTemplate(), "ap-east-1"))).toMatch(
      /token.*Switch this region on/,
    );
  });

  test("reports a template that CloudFormation rejects, even a long one", async () => {
    const access = await env.createRole();
    const brokenTemplate = aTemplate();
    brokenTemplate.Resources.Web = { Type: "AWS::ECS::Service", Properties: { Cluster: { Ref: "Nowhere" } } };
    expect(await preflightMessage(access, awsPlan(brokenTemplate))).toContain(
      "Unresolved resource dependencies [Nowhere]",
    );
    brokenTemplate.Description = "x".repeat(60_000);
    expect(await preflightMessage(access, awsPlan(brokenTemplate))).toContain(
      "Unresolved resource dependencies [Nowhere]",
    );
    expect(env.aws.calls).toContain("S3 PUT object");
    // An object left in the bucket would keep the visitor from deleting the stack that grants us access.
    const [templates] = [...env.visitor.account.buckets.values()];
    expect(templates?.versions).toEqual([]);
    env.visitor.account.buckets.clear();
    expect(await preflightMessage(access, awsPlan(brokenTemplate))).toContain("is missing, through which");
  });

  test("reports an account at its stack limit", async () => {
    const access = await env.createRole();
    env.aws.engine.stackLimit = 1;
    expect(await preflightMessage(access)).toContain("has 1 stacks in this region, and may have 1");
  });

  test("requires the role to trust the operator's account", async () => {
    const { operatorAccountId } = await import("../../../src/clouds/aws/provision/api/assume-role.ts");
    expect(await operatorAccountId(env.dependencies, "us-east-1")).toBe(operatorAccount);
  });
});
