import { describe, expect, test } from "vitest";
import { startupMessage } from "../../routes/startup-message.ts";
import { readConfig } from "../../src/config.ts";

describe("the environment", () => {
  test("may be empty: loopback only, with the examples and the local cloud", () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 8080,
      hostname: "127.0.0.1",
      origin: "http://localhost:8080",
      secret: null,
      localCloud: true,
      github: { apiUrl: "https://api.github.com", token: null },
    });
    expect(config.localRepos[0]).toMatch(/\/examples$/);
  });

  test.each([
    ["https://Deploy.Example.COM", "https://deploy.example.com"],
    ["https://deploy.example.com:443/", "https://deploy.example.com"],
    ["http://10.0.0.1:80", "http://10.0.0.1"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
  ])("an ORIGIN of %s is the one that browsers send, %s", (origin, sent) => {
    expect(readConfig({ ORIGIN: origin })).toMatchObject({ origin: sent, hostname: "::", localCloud: false });
  });

  test("lets webhooks go to public addresses, and further only at home or when it says so", () => {
    const reach = (env: Record<string, string>) => readConfig(env).webhooksReach;
    expect(reach({})).toBe("loopback");
    expect(reach({ LOCAL_CLOUD: "off" })).toBe("public");
    expect(reach({ ORIGIN: "https://a.example" })).toBe("public");
    expect(reach({ ORIGIN: "https://a.example", LOCAL_CLOUD: "on" })).toBe("public");
    expect(reach({ ORIGIN: "https://a.example", WEBHOOKS_TO_PRIVATE: "on" })).toBe("private");
    expect(() => reach({ WEBHOOKS_TO_PRIVATE: "yes" })).toThrow("- WEBHOOKS_TO_PRIVATE is");
  });

  test("reports all its errors at once, with what to write instead", () => {
    const complaint = (env: Record<string, string>) => {
      try {
        return `${readConfig(env).origin} was taken`;
      } catch (error) {
        return String(error);
      }
    };
    const all = complaint({
      PORT: "abc",
      ORIGIN: "example.com",
      SECRET: "short",
      LOCAL_CLOUD: "yes",
      GITHUB_API_URL: "x",
    });
    for (const name of ["PORT", "ORIGIN", "SECRET", "LOCAL_CLOUD", "GITHUB_API_URL"])
      expect(all).toContain(`- ${name} `);
    expect(complaint({ PORT: "abc" })).not.toContain("ORIGIN");
    for (const origin of [
      "https://a.example/slipway",
      "https://a.example/?x",
      "https://u:p@a.example",
      "https://a.example#x",
    ])
      expect(complaint({ ORIGIN: origin })).toContain("- ORIGIN ");
    expect(complaint({ LOCAL_REPOS: "/a/apps:/b/apps" })).toContain("two folders of the same name");
  });
});

describe("signing in", () => {
  test("needs both halves of an OAuth app", () => {
    expect(readConfig({}).github.client).toBeNull();
    const both = { GITHUB_CLIENT_ID: "a", GITHUB_CLIENT_SECRET: "b" };
    expect(readConfig(both).github).toMatchObject({ client: { id: "a", secret: "b" }, oauthUrl: "https://github.com" });
    for (const half of ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"])
      expect(() => readConfig({ [half]: "a" })).toThrow("go together");
  });

  test("names operators by their logins, however they are written", () => {
    expect(readConfig({ OPERATORS: " Ada,grace ,," }).operators).toEqual(["ada", "grace"]);
    expect(() => readConfig({ OPERATORS: "ada grace" })).toThrow('OPERATORS has "ada grace"');
  });
});

describe("the greeting", () => {
  const greet = (env: Record<string, string>) => startupMessage(readConfig(env), [], []);
  test("says whether users can sign in, and who the operators are", () => {
    expect(greet({})).toContain("Sign-in is off: set GITHUB_CLIENT_ID");
    const app = { GITHUB_CLIENT_ID: "a", GITHUB_CLIENT_SECRET: "b" };
    expect(greet(app)).toContain("OPERATORS is empty");
    expect(greet({ ...app, OPERATORS: "Ada, grace" })).toContain("operators are ada, grace");
  });

  test("says why this machine is off", () => {
    expect(greet({ ORIGIN: "https://a.example" })).toContain(
      "off, because this server is reachable from other machines",
    );
    expect(greet({ LOCAL_CLOUD: "off" })).toContain("off, because LOCAL_CLOUD says so");
    expect(greet({})).toContain("connected");
    expect(greet({ ORIGIN: "https://a.example", LOCAL_CLOUD: "on" })).toContain("everyone who can reach this server");
  });
});
