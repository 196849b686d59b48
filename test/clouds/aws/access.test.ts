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
import { operatorAccount, origin, type Visit, visit, visitorAccount } from "../../fakes/aws/visit.ts";

let here: Visit;
beforeEach(async () => {
  here = await visit({ operator: true });
});
afterEach(async () => {
  expect(here.aws.bugs).toEqual([]);
  await here.end();
});

const somebodyElse = "zyxwvutsrqponmlkjihgfedcba";
type Bootstrap = ReturnType<typeof roleTemplate>;
/** Changes the condition under which the role lets anybody in. */
const trusting = (change: (condition: Record<string, Record<string, unknown>>) => void) => (template: Bootstrap) => {
  const [statement] = template.Resources.Role.Properties.AssumeRolePolicyDocument.Statement as {
    Condition?: Record<string, Record<string, unknown>>;
  }[];
  change(statement?.Condition ?? {});
};
const preflight = (access: Access, plan = awsPlan()) => here.cloud.preflight(plan, access);
const refusal = async (access: Access, plan = awsPlan()) =>
  (await preflight(access, plan)).map(({ message, fix }) => `${message} ${fix}`).join("\n");

describe("what is asked", () => {
  const reading = (input: Record<string, unknown>) => {
    const read = here.cloud.connect.parse(input);
    return read.ok ? read.value : read.problems.map(({ path }) => path);
  };
  const visitor = somebodyElse;

  test("an account id is enough: the role's name follows from it and the visitor", () => {
    const subject = oidcSubject(here.world, visitor);
    const access = {
      way: "oidc",
      account: visitorAccount,
      subject,
      roleArn: `arn:aws:iam::${visitorAccount}:role/lent-to-slipway-${subject}`,
    };
    expect(reading({ visitor, account: visitorAccount })).toEqual(access);
    expect(reading({ visitor, account: " 1111-2222-3333 " })).toEqual(access);
    expect(reading({ visitor, account: access.roleArn })).toEqual(access);
    expect(reading({ visitor, roleArn: access.roleArn, way: "role" })).toEqual({ ...access, way: "role" });
  });

  test("neither subject nor external id is the visitor's to choose", () => {
    const mine = reading({ visitor, account: visitorAccount, subject: "mine", externalId: "mine" });
    expect(JSON.stringify(mine)).not.toContain("mine");
    const other = reading({ visitor: "abcdefghijklmnopqrstuvwxyz", account: visitorAccount });
    expect((mine as Access).subject).not.toBe((other as Access).subject);
    expect((mine as Access).subject).not.toContain(visitor);
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
    expect(reading(input)).toEqual([path]);
  });

  test("AWS can only check an issuer at a public https address; without keys of its own there is no other way", () => {
    expect(
      [
        "https://slipway.example",
        "http://slipway.example",
        "https://slipway.example:8443",
        "https://localhost",
        "https://10.0.0.1",
      ].map(isValidIssuer),
    ).toEqual([true, false, false, false, false]);
    const alone = connect({ ...here.world, origin: "http://localhost:8080", keys: null });
    expect(alone.parse({ visitor, account: visitorAccount }).ok).toBe(false);
    expect(alone.summary).toContain("cannot be lent");
  });
});

describe.each(["oidc", "role"] as TrustMethod[])("a role lent by way of %s", (way) => {
  const trying = async (lent: Partial<RoleAccess>, subject: string | null = null) => {
    const access = await here.lends(way);
    const whole = { ...(access as unknown as RoleAccess), ...lent };
    return assume(here.world, "us-east-1", whole, subject ?? whole.subject).then(
      ({ arn }) => arn,
      (error: Error) => error.name,
    );
  };

  test("lets us in for this visitor", async () => {
    expect(await trying({})).toMatch(
      /^arn:aws:sts::111122223333:assumed-role\/lent-to-slipway-[a-z2-7]{24}\/slipway-check$/,
    );
    expect(await preflight(here.accessOf({ account: visitorAccount, way }))).toEqual([]);
  });

  test("refuses us for another visitor", async () => {
    expect(await trying({}, oidcSubject(here.world, somebodyElse))).toBe("AccessDenied");
    const theirs = here.accessOf(
      { roleArn: here.accessOf({ account: visitorAccount, way }).roleArn ?? "", way },
      somebodyElse,
    );
    expect(await refusal(theirs)).toContain("does not lend us");
  });

  test("refuses another account's keys, and another issuer's tokens", async () => {
    const access = await here.lends(way);
    const foreign = here.aws.account("555566667777").keys;
    const world = { ...here.world, keys: foreign, token: async () => "a.b.c" };
    await expect(assume(world, "us-east-1", access as unknown as RoleAccess, access.subject ?? "")).rejects.toThrow();
  });

  test("is refused by us when it lets anybody in", async () => {
    const open = await here.lends(
      way,
      trusting((condition) => {
        for (const keys of Object.values(condition))
          for (const key of Object.keys(keys)) if (/ExternalId|:sub$/.test(key)) delete keys[key];
      }),
    );
    expect(await refusal(open)).toMatch(/lets us in (without an external id|for any subject): anybody could/);
  });

  test("is refused by us when any name will do", async () => {
    const open = await here.lends(
      way,
      trusting((condition) => {
        const key = way === "role" ? "sts:ExternalId" : "slipway.example:sub";
        delete condition.StringEquals?.[key];
        condition.StringLike = { [key]: "*" };
      }),
    );
    expect(await refusal(open)).toMatch(/lets us in (with any external id|for any subject)/);
  });

  test("that is not there is a problem that says where to make it", async () => {
    expect(await refusal(here.accessOf({ account: visitorAccount, way }))).toContain(`${origin}/connect/aws`);
    expect(await refusal(here.accessOf({ account: "000000000000", way }))).toContain(`${origin}/connect/aws`);
  });
});

describe("a token of ours", () => {
  const subject = () => oidcSubject(here.world, "abcdefghijklmnopqrstuvwxyz");
  const denial = async (make: () => Promise<string>) => {
    const access = (await here.lends()) as unknown as RoleAccess;
    const world = { ...here.world, token: make };
    return assume(world, "us-east-1", access, access.subject).then(
      () => "let in",
      (error: Error) => `${error.name}: ${error.message}`,
    );
  };

  test("for this visitor and for AWS is let in", async () => {
    expect(await denial(() => here.keys.signToken(subject(), "sts.amazonaws.com"))).toBe("let in");
  });
  test("for another audience is refused", async () => {
    expect(await denial(() => here.keys.signToken(subject(), "https://else.example"))).toContain(
      "Incorrect token audience",
    );
  });
  test("that is older than five minutes is refused", async () => {
    const old = async () => {
      const token = await here.keys.signToken(subject(), "sts.amazonaws.com");
      here.time.forward(301_000);
      return token;
    };
    expect(await denial(old)).toContain("Token expired");
  });
  test("that was changed is refused", async () => {
    const changed = async () => {
      const [head, , signature] = (await here.keys.signToken("somebody else", "sts.amazonaws.com")).split(".");
      const seconds = here.time.now() / 1000;
      const claims = { iss: origin, sub: subject(), aud: "sts.amazonaws.com", exp: seconds + 60, iat: seconds };
      return [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    };
    expect(await denial(changed)).toContain("signature");
  });
  test("signed by a key that we never published is refused", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "slipway-oidc-"));
    const forger = createIssuer({ origin, dataDir, now: () => new Date(here.time.now()), newId: () => "forged" });
    expect(await denial(() => forger.signToken(subject(), "sts.amazonaws.com"))).toContain("verification key");
    rmSync(dataDir, { recursive: true, maxRetries: 5 });
  });
});

describe("before anything is created", () => {
  test("a role of another account than the one given is found out", async () => {
    const access = await here.lends();
    expect(await refusal({ ...access, account: "444455556666" })).toContain(
      "belongs to the account 111122223333, not to 444455556666",
    );
  });

  test("an issuer that AWS does not know, or cannot check, is found out", async () => {
    const access = await here.lends();
    here.there.account.providers.clear();
    expect(await refusal(access)).toMatch(/No OpenIDConnect provider found.*Tell whoever runs it/);
  });

  test("a region that is switched off is found out", async () => {
    expect(await refusal(await here.lends(), awsPlan(aTemplate(), "ap-east-1"))).toMatch(
      /token.*Switch this region on/,
    );
  });

  test("a template that CloudFormation refuses is found out, also when it is long", async () => {
    const access = await here.lends();
    const broken = aTemplate();
    broken.Resources.Web = { Type: "AWS::ECS::Service", Properties: { Cluster: { Ref: "Nowhere" } } };
    expect(await refusal(access, awsPlan(broken))).toContain("Unresolved resource dependencies [Nowhere]");
    broken.Description = "x".repeat(60_000);
    expect(await refusal(access, awsPlan(broken))).toContain("Unresolved resource dependencies [Nowhere]");
    expect(here.aws.calls).toContain("S3 PUT object");
    // What is left in it would keep the visitor from deleting the stack that lends us the role.
    const [templates] = [...here.there.account.buckets.values()];
    expect(templates?.versions).toEqual([]);
    here.there.account.buckets.clear();
    expect(await refusal(access, awsPlan(broken))).toContain("is missing, through which");
  });

  test("an account that is full of stacks is found out", async () => {
    const access = await here.lends();
    here.aws.engine.stackLimit = 1;
    expect(await refusal(access)).toContain("has 1 stacks in this region, and may have 1");
  });

  test("the operator's own account is the one that a role has to trust", async () => {
    const { operatorAccountId: ask } = await import("../../../src/clouds/aws/provision/api/assume-role.ts");
    expect(await ask(here.world, "us-east-1")).toBe(operatorAccount);
  });
});
