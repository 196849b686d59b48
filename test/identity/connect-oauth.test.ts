import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { oauthRoutes as routes } from "../../routes/access/connect-oauth.ts";
import { type DeploymentEvent, OperationalError, type Run } from "../../src/clouds/cloud.ts";
import { connect } from "../../src/clouds/gcp/access/connect.ts";
import { type Consent, followRedirects, startOidcProvider } from "../fakes/oauth.ts";
import { collectStream, createScriptedCloud, removed, testWords } from "../harness/scripted-cloud.ts";
import { createTestApp, origin } from "../harness/test-app.ts";
import { findMarkupError } from "../harness/well-formed.ts";

// How access is lent by OAuth, through the whole of Slipway; what is deployed with it is told by a script.

const client = { id: "slipway.apps", secret: "a secret of the operator" };
const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
const email = "ada@example.com";
let google: Consent;
/** The same, but whose metadata name another issuer. */
let time: number;
beforeAll(async () => {
  google = await startOidcProvider({ client, redirectUris: [`${origin}/connect/gcp/callback`], scopes, email });
});
afterAll(() => google.close());
beforeEach(() => {
  time = Date.now();
});

/** A Slipway with this Google; `run` is what deploying there comes to. */
function slipway(run: (run: Run) => AsyncIterable<DeploymentEvent> = done, issuer = google.issuer) {
  const script = createScriptedCloud(run, gone, "oauth");
  const accesses: Run["access"][] = [];
  const world = {
    origin,
    endpoint: undefined,
    issuer,
    client,
    fetch,
    probe: async () => ({ ok: true as const, status: 200 }),
    now: () => new Date(time),
    sleep: async () => {},
  };
  const method = connect(world);
  const cloud = {
    ...script,
    id: "gcp",
    name: "Google Cloud",
    words: testWords("Google Cloud"),
    compile: (...args: Parameters<typeof script.compile>) => ({ ...script.compile(...args), cloud: "gcp" }),
    connect: {
      ...method,
      consent: method.consent && {
        ...method.consent,
        loadQuestions: async () => ({
          fields: [{ name: "project", label: "Project", help: "", type: "text" as const }],
          make: { title: "Make a new one", button: "Make it", help: "", fields: [] },
        }),
        createTarget: async () => ({ ok: true as const, value: { project: "made-just-now" } }),
      },
    },
    provision: (run: Run) => {
      accesses.push(run.access);
      return script.provision(run);
    },
    remove: (run: Run) => {
      accesses.push(run.access);
      return script.remove(run);
    },
  };
  const here = createTestApp({
    repos: { hello: { Procfile: "web: x", "package.json": "{}" } },
    cloud,
    now: () => new Date(time),
  });
  const cookies = new Map<string, string>();
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const storeCookies = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = line.match(/^([^=]+)=([^;]*)/) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const get = async (path: string) => storeCookies(await here.get(path, { cookie: header() }));
  const post = async (path: string, fields: Record<string, string> = {}) =>
    storeCookies(await here.postForm(path, fields, { cookie: header() }));
  /** To Google and back, as a browser goes; gives where it has come to. */
  async function connects(to: string, answer: "allow" | "deny" = "allow") {
    const asked = await get(`/connect/gcp?${new URLSearchParams({ to })}`);
    const url = asked.headers.get("location") ?? "";
    const back = await followRedirects(url, answer, `${origin}/connect/gcp/callback`);
    const response = await get(back.pathname + back.search);
    return { response, back };
  }
  const text = async (path: string) => (await get(path)).text();
  return { ...here, get, post, text, connects, cookies, seen: accesses };
}

const page = "/local/apps/hello/gcp";
const order = { repo: "local/apps/hello", cloud: "gcp", request: "one" };

async function* done(): AsyncIterable<DeploymentEvent> {
  yield { type: "step", name: "web", state: "running" };
  yield { type: "step", name: "web", state: "done", data: { project: "shop-123" } };
  yield { type: "state", state: "succeeded", url: "https://web-1.us-central1.run.app/" };
}
async function* gone(run: Run): AsyncIterable<DeploymentEvent> {
  yield* removed(run);
}

describe("connecting", () => {
  test("leads to Google and back to where the visitor was, who then sees who they are and what to choose", async () => {
    const here = slipway();
    const before = await here.text(page);
    expect(before).toContain("Connect Google Cloud");
    expect(before).not.toContain('action="/deployments"');
    const to = /href="(\/connect\/gcp\?to=[^"]+)"/.exec(before)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const { response } = await here.connects(new URLSearchParams(to.split("?")[1]).get("to") ?? "");
    expect(response.status).toBe(303);
    const back = response.headers.get("location") ?? "";
    expect(back).toMatch(/^\/local\/apps\/hello\/gcp\?region=here&preset=economy/);
    const after = await here.text(back);
    expect(after).toContain(email);
    expect(after).toContain('name="access[project]"');
    expect(findMarkupError(after, "html")).toBe(null);
    expect(here.bugs).toEqual([]);
  });

  test("gives the cloud a token that Google knows, and keeps it nowhere but sealed", async () => {
    const here = slipway();
    await here.connects(page);
    const sealed = here.cookies.get("slipway_gcp_lent") ?? "";
    const started = await here.post("/deployments", { ...order, "access[project]": "shop-123" });
    expect(started.status).toBe(303);
    const at = started.headers.get("location") ?? "";
    await collectStream(here.story, at.slice("/deployments/".length));
    const [access] = here.seen;
    expect(access).toMatchObject({ project: "shop-123", network: "default", keep: "no" });
    const token = access?.token ?? "";
    expect(await google.knows(token)).toBe(true);
    expect(sealed).not.toContain(token);
    const responses = await Promise.all([
      here.text(page),
      here.text(at),
      here.text(`${at}/removal`),
      here.text("/connect/gcp"),
    ]);
    for (const item of responses) expect(item).not.toContain(token);
    expect(here.db.$client.serialize().toString("latin1")).not.toContain(token);
    expect(here.story.find(at.slice("/deployments/".length))).toMatchObject({ state: "succeeded", sealed: null });
  });

  test("ends in words when consent is denied, and leads back", async () => {
    const here = slipway();
    const { response } = await here.connects(page, "deny");
    expect(response.status).toBe(422);
    const body = await response.text();
    expect(body).toContain("You did not give your consent");
    expect(body).toContain(`href="${page}"`);
    expect(here.cookies.has("slipway_gcp_lent")).toBe(false);
  });

  test("takes no answer with a wrong state, none twice, none from elsewhere and none that was not asked for", async () => {
    const here = slipway();
    const { back } = await here.connects(page);
    const again = await here.get(back.pathname + back.search);
    expect(await again.text()).toContain("started in another browser or has expired");

    const replayed = slipway();
    await replayed.get(`/connect/gcp?to=${page}`);
    expect(await (await replayed.get(back.pathname + back.search)).text()).toContain("another attempt");

    const strange = slipway();
    const asked = await strange.get(`/connect/gcp?to=${page}`);
    const url = asked.headers.get("location") ?? "";
    const answer = await followRedirects(url, "allow", `${origin}/connect/gcp/callback`);
    const kept = new Map(strange.cookies);
    answer.searchParams.set("iss", "https://evil.example");
    expect(await (await strange.get(answer.pathname + answer.search)).text()).toContain("does not come from");
    // The same cookie and the same code once more, as a thief of both would send them.
    answer.searchParams.set("iss", google.issuer);
    for (const [name, value] of kept) strange.cookies.set(name, value);
    expect((await strange.get(answer.pathname + answer.search)).status).toBe(303);
    for (const [name, value] of kept) strange.cookies.set(name, value);
    expect(await (await strange.get(answer.pathname + answer.search)).text()).toContain("used already, or is too old");
    for (const item of [here, replayed, strange]) expect(item.bugs).toEqual([]);
  });

  test("is over after ten minutes of thinking, and after an hour of access", async () => {
    const here = slipway();
    const asked = await here.get(`/connect/gcp?to=${page}`);
    const answer = await followRedirects(
      asked.headers.get("location") ?? "",
      "allow",
      `${origin}/connect/gcp/callback`,
    );
    time += 11 * 60_000;
    expect(await (await here.get(answer.pathname + answer.search)).text()).toContain(
      "started in another browser or has expired",
    );
    await here.connects(page);
    expect(await here.text(page)).toContain(email);
    time += 60 * 60_000;
    expect(await here.text(page)).toContain("Connect Google Cloud");
  });

  test("goes nowhere but to pages of ours", async () => {
    const here = slipway();
    for (const to of ["https://evil.example", "//evil.example", "/\\evil.example"]) {
      const answer = await here.get(`/connect/gcp?${new URLSearchParams({ to })}`);
      expect([to, answer.status]).toEqual([to, 200]);
    }
    await here.connects(page);
    const end = await here.post("/connect/gcp/end", { to: "https://evil.example/" });
    expect(end.headers.get("location")).toBe("/connect/gcp");
  });

  test("begins at the name that Google leads back to, and asks nothing of a proxy's own name", async () => {
    const here = slipway();
    const other = await here.app.request("http://127.0.0.1:8080/connect/gcp?to=/a%3Fb");
    expect(other.headers.get("location")).toBe(`${origin}/connect/gcp?to=/a%3Fb`);
    const open = routes({ ...here.slipway, config: { origin: "https://slipway.example" } });
    const behind = await open.request("http://10.0.0.7:8080/connect/gcp?to=/");
    expect(behind.headers.get("location")).toMatch(`${google.issuer}/auth?`);
    expect(behind.headers.get("set-cookie")).toContain("; Secure;");
  });

  test("is said to be impossible when Google does not answer, and is not there at all without a client", async () => {
    const here = slipway(done, "http://127.0.0.1:9");
    const answer = await here.get(`/connect/gcp?to=${page}`);
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("127.0.0.1:9 does not answer");
    for (const path of ["/connect/nothing", "/connect/nothing/callback", "/connect/script?to=/"])
      expect((await here.get(path)).status).toBe(404);
    expect(here.bugs).toEqual([]);
  });

  test("is ended by its visitor: forgotten here, taken back there", async () => {
    const here = slipway();
    await here.connects(page);
    const started = await here.post("/deployments", { ...order, "access[project]": "shop-123" });
    expect(started.status).toBe(303);
    await collectStream(here.story, "deployment1");
    const token = here.seen[0]?.token ?? "";
    const end = await here.post("/connect/gcp/end", { to: page });
    expect(end.headers.get("location")).toBe(page);
    expect(await here.text(page)).toContain("Connect Google Cloud");
    expect(await google.knows(token)).toBe(false);
  });
});

test("what was made there is chosen when the visitor is back", async () => {
  const here = slipway();
  expect((await here.post("/connect/gcp/make", { to: page, "make[name]": "x" })).headers.get("location")).toBe(page);
  await here.connects(page);
  const made = await here.post("/connect/gcp/make", { to: page, "make[name]": "x" });
  const back = made.headers.get("location") ?? "";
  expect(new URL(back, origin).searchParams.get("access[project]")).toBe("made-just-now");
  expect(await here.text(back)).toContain('value="made-just-now"');
});

test("an order without access says so, keeps what was typed, and offers to connect beside it", async () => {
  const here = slipway();
  const answer = await here.post("/deployments", { ...order, "access[project]": "shop-123" });
  expect(answer.status).toBe(422);
  const body = await answer.text();
  expect(body).toContain("Google Cloud is not connected in this browser");
  expect(body).toContain("Connect again");
  const twin = await here.postJson("/deployments", { ...order, access: { project: "shop-123" } });
  expect(twin.status).toBe(422);
  expect(await twin.json()).toMatchObject({ problems: [{ path: "access.token" }] });
});

test("a program sends a token of its own", async () => {
  const here = slipway();
  const access = { token: "ya29.a-token-of-its-own", project: "shop-123" };
  const answer = await here.postJson("/deployments", { ...order, access });
  expect(answer.status).toBe(201);
  await collectStream(here.story, "deployment1");
  expect(here.seen).toMatchObject([access]);
});

test("in what a deployment says the project is told, and the token never", async () => {
  const here = slipway(async function* ({ access }): AsyncIterable<DeploymentEvent> {
    const message = `${access.token} may not use ${access.project} by ${access.network}`;
    yield { type: "step", name: "web", state: "running", message };
    yield { type: "log", step: "web", lines: [message] };
    yield { type: "step", name: "web", state: "failed", message };
    yield { type: "state", state: "failed", error: { message, next: message, step: "web" } };
  });
  await here.connects(page);
  await here.post("/deployments", { ...order, "access[project]": "shop-123" });
  const body = await collectStream(here.story, "deployment1");
  expect(body).toContain("••• may not use shop-123 by default");
  const [access] = here.seen;
  const shown = await here.text("/deployments/deployment1");
  for (const text of [body, shown, here.db.$client.serialize().toString("latin1")])
    expect(text).not.toContain(access?.token);
});

test("what maintainers are told of a failure has no project in it, and all of its ordinary words", async () => {
  const here = slipway(async function* ({ access }): AsyncIterable<DeploymentEvent> {
    yield { type: "step", name: "web", state: "running" };
    yield { type: "step", name: "web", state: "failed" };
    const message = `There is no default network in ${access.project}`;
    yield { type: "state", state: "failed", error: { message, next: "Make one.", step: "web" } };
  });
  await here.connects(page);
  await here.post("/deployments", { ...order, "access[project]": "shopkeepers" });
  await collectStream(here.story, "deployment1");
  expect(here.story.find("deployment1")).toMatchObject({
    error: { message: "There is no default network in shopkeepers" },
    reason: "there is no default network in •••",
  });
});

describe("a token that ends in the middle", () => {
  /** Whoever comes with the first token is told that it has ended. */
  const lapsing = () => {
    let first: string | undefined;
    return async function* (run: Run): AsyncIterable<DeploymentEvent> {
      if (run.ledger.get("database")?.state !== "done") {
        yield { type: "step", name: "database", state: "running", data: { project: "shop-123" } };
        yield { type: "step", name: "database", state: "done" };
      }
      yield { type: "step", name: "web", state: "running" };
      first ??= run.access.token;
      if (run.access.token === first) {
        const { message, next } = new OperationalError("What you lent has run out.", "Connect again.", {
          lapsed: true,
        });
        yield { type: "step", name: "web", state: "failed", message };
        yield { type: "state", state: "failed", error: { message, next, step: "web", lapsed: true } };
        return;
      }
      yield { type: "step", name: "web", state: "done" };
      yield { type: "state", state: "succeeded", url: null };
    };
  };
  const at = "/deployments/deployment1";
  async function lapsed() {
    const here = slipway(lapsing());
    await here.connects(page);
    await here.post("/deployments", { ...order, "access[project]": "shop-123" });
    expect(await collectStream(here.story, "deployment1")).toContain('"lapsed":true');
    return here;
  }

  test("is not gone on with, though the browser still has it", async () => {
    const here = await lapsed();
    expect(await here.text(at)).toContain("Reconnect and continue");
    expect((await here.post(`${at}/retry`)).headers.get("location")).toBe(at);
    expect(here.story.find("deployment1")?.state).toBe("failed");
    expect(here.seen).toHaveLength(1);
  });

  test("is told by the page, which asks to connect again, and goes on from there with the new one", async () => {
    const here = await lapsed();
    const failed = await here.text(at);
    expect(failed).toContain("Reconnect and continue");
    expect(failed).not.toContain(`action="${at}/retry"`);
    expect(findMarkupError(failed, "html")).toBe(null);
    // A form must not lead to Google, so it leads back to the link that does.
    expect((await here.post(`${at}/retry`)).headers.get("location")).toBe(at);
    const twin = await here.postJson(`${at}/retry`, {});
    expect([twin.status, await twin.json()]).toMatchObject([422, { problems: [{ path: "access.token" }] }]);

    const { response } = await here.connects(at);
    expect(response.headers.get("location")).toBe(at);
    const ready = await here.text(at);
    expect(ready).toContain(`Continue as <span dir="auto">${email}</span>`);
    expect((await here.post(`${at}/retry`)).status).toBe(303);
    await collectStream(here.story, "deployment1", here.story.lastEventId("deployment1"));
    expect(here.story.find("deployment1")).toMatchObject({ state: "succeeded", sealed: null });
    const [old, renewed] = here.seen;
    expect(renewed).toMatchObject({ project: "shop-123", network: "default" });
    expect(renewed?.token).not.toBe(old?.token);
    expect(here.bugs).toEqual([]);
  });

  test("is replaced by a program that sends another", async () => {
    const here = await lapsed();
    const answer = await here.postJson(`${at}/retry`, { access: { token: "ya29.another-token" } });
    expect(answer.status).toBe(202);
    await expect.poll(() => here.story.find("deployment1")?.state).toBe("succeeded");
    expect(here.seen.at(-1)).toMatchObject({ token: "ya29.another-token", project: "shop-123" });
  });

  test("does not keep what is there from being removed, once access is lent anew", async () => {
    const here = await lapsed();
    here.cookies.delete("slipway_gcp_lent");
    const before = await here.text(`${at}/removal`);
    expect(before).toContain("Connect Google Cloud");
    expect(before).not.toContain(`action="${at}/removal"`);
    await here.connects(`${at}/removal`);
    const after = await here.text(`${at}/removal`);
    expect(after).toContain('in <span dir="auto">shop-123</span>');
    expect(findMarkupError(after, "html")).toBe(null);
    expect((await here.post(`${at}/removal`, {})).headers.get("location")).toBe(at);
    await expect.poll(() => here.story.find("deployment1")?.state).toBe("removed");
    expect(here.seen.at(-1)).toMatchObject({ project: "shop-123" });
  });
});

test("an app that runs is removed with access lent anew, as what was lent is wiped", async () => {
  const here = slipway();
  await here.connects(page);
  await here.post("/deployments", { ...order, "access[project]": "shop-123" });
  await collectStream(here.story, "deployment1");
  const [first] = here.seen;
  here.cookies.delete("slipway_gcp_lent");
  const early = await here.post("/deployments/deployment1/removal", {});
  expect(early.status).toBe(422);
  expect(await early.text()).toContain("Google Cloud is not connected in this browser");
  await here.connects("/deployments/deployment1/removal");
  expect((await here.post("/deployments/deployment1/removal", { "access[project]": "shop-123" })).status).toBe(303);
  await expect.poll(() => here.story.find("deployment1")?.state).toBe("removed");
  expect(here.seen.at(-1)?.token).not.toBe(first?.token);
});
