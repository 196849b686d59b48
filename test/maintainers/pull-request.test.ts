import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestAppWithGitHub } from "../harness/signed-in.ts";
import { findMarkupError } from "../harness/well-formed.ts";

const files = { "README.md": "# App\n\nWhat it does.\n", Procfile: "web: node .", "package.json": "{}" };
const withBadge = `# App

[![Deploy App to your cloud](http://localhost:8080/github.com/octo/app/badge.svg)](http://localhost:8080/github.com/octo/app)

What it does.
`;
const at = "/github.com/octo/app/badge/pull-request";
const allowed = "?scope=public_repo";

let here: Awaited<ReturnType<typeof createTestAppWithGitHub>>;
let ada: ReturnType<typeof here.browser>;
beforeAll(async () => {
  here = await createTestAppWithGitHub({
    users: { ada: { id: 7, push: ["octo/app", "octo/empty", "octo/web"] }, bob: { id: 8 } },
  });
});
afterAll(() => here.close());
beforeEach(async () => {
  here.fake.add("octo/app", { files: { "app.json": '{"name":"App"}', ...files } });
  here.pass(31_000);
  ada = here.browser();
  await ada.signIn("ada", allowed);
});

type Browser = typeof ada;
const text = async (answer: Response | Promise<Response>) => {
  const markup = await (await answer).text();
  expect(findMarkupError(markup, "html")).toBeNull();
  return markup;
};
const words = async (answer: Response | Promise<Response>) =>
  (await text(answer)).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const sealOf = (markup: string) => /name="seal" value="([^"]+)"/.exec(markup)?.[1] ?? "";
async function press(who: Browser, query = "", seal?: string) {
  return who.post(at + query, { seal: seal ?? sealOf(await text(who.get(at + query))) });
}
/** GitHub, as one of its own programs would look at it. */
const pulls = () => here.fake.pulls("octo/app");
const branches = () => [...here.fake.branches("octo/app").keys()];

test("the change is shown before anything is done, and done when the button is pressed", async () => {
  const before = here.fake.commit("octo/app");
  const page = await text(ada.get(at));
  expect(page).toContain('<span class="diff-line" data-kind="added">+[![Deploy App to your cloud](');
  expect(page).toContain("--- a/README.md");
  expect(page.replace(/<[^>]*>/g, "")).toContain("below the first heading of README.md.");
  expect(branches()).toEqual(["main"]);

  const pressed = await press(ada);
  expect([pressed.status, pressed.headers.get("location")]).toEqual([303, `${at}/1`]);
  expect(pulls()).toMatchObject([{ number: 1, head: "slipway-badge", base: "main", by: "ada", state: "open" }]);
  expect(pulls()[0]?.title).toBe("Add a button that deploys this app");
  expect(pulls()[0]?.body).toContain("http://localhost:8080/github.com/octo/app.");
  expect(here.fake.read("octo/app", "README.md", "slipway-badge")).toBe(withBadge);
  expect(here.fake.read("octo/app", "Procfile", "slipway-badge")).toBe(files.Procfile);
  expect(here.fake.commit("octo/app")).toBe(before);
  const opened = await text(ada.get(`${at}/1`));
  expect(opened).toContain('href="https://github.com/octo/app/pull/1"');
});

test("what was chosen in the studio is what is written", async () => {
  const page = await words(ada.get(`${at}?style=flat&label=Go&html=true`));
  expect(page).toContain("badge.svg?style=flat&amp;amp;theme=light&amp;amp;label=Go");
  expect(page).toContain("+ &lt;picture&gt;");
  await press(ada, "?style=flat&theme=dark");
  expect(here.fake.read("octo/app", "README.md", "slipway-badge")).toContain("badge.svg?style=flat&theme=dark)");
});

describe("the same press", () => {
  test("twice at once opens one pull request", async () => {
    const seal = sealOf(await text(ada.get(at)));
    const both = await Promise.all([press(ada, "", seal), press(ada, "", seal)]);
    expect(both.map((answer) => answer.headers.get("location"))).toEqual([`${at}/1`, `${at}/1`]);
    expect(pulls()).toHaveLength(1);
    expect(branches()).toEqual(["main", "slipway-badge"]);
  });

  test("again, later, leads to the pull request that is open, even if the branch has moved on", async () => {
    await press(ada);
    const readme = here.fake.read("octo/app", "README.md") ?? "";
    here.fake.push("octo/app", { "app.json": '{"name":"App"}', ...files, "README.md": readme, "new.js": "" });
    const again = await press(ada);
    expect(again.headers.get("location")).toBe(`${at}/1`);
    expect(pulls()).toHaveLength(1);
  });

  test("after one that broke off in the middle goes on with its branch", async () => {
    here.fake.misbehave((request) =>
      request.method === "POST" && request.url.endsWith("/pulls") ? new Response("{}", { status: 502 }) : undefined,
    );
    const broken = await press(ada);
    expect(broken.status).toBe(422);
    expect(await words(broken)).toContain("GitHub has a problem of its own (it answered 502)");
    here.fake.misbehave();
    expect((await press(ada)).headers.get("location")).toBe(`${at}/1`);
    expect(branches()).toEqual(["main", "slipway-badge"]);
  });

  test("for another look opens another one, on a branch of its own", async () => {
    await press(ada);
    const other = await press(ada, "?style=flat");
    expect(other.headers.get("location")).toBe(`${at}/2`);
    expect(branches()).toEqual(["main", "slipway-badge", "slipway-badge-2"]);
  });
});

test("a README that changed meanwhile is shown again, and nothing is done", async () => {
  const seal = sealOf(await text(ada.get(at)));
  here.fake.push("octo/app", { "app.json": '{"name":"App"}', ...files, "README.md": "# New\n" });
  const answer = await press(ada, "", seal);
  expect(answer.status).toBe(409);
  const page = await words(answer);
  expect(page).toContain("The change has been updated.");
  expect(page).toContain("# New");
  expect(branches()).toEqual(["main"]);
});

test("a press that is longer than any is refused before it is read", async () => {
  const answer = await ada.post(at, { seal: "s".repeat(600_000) });
  expect(answer.status).toBe(413);
});

test("leave to write is asked for only by who wants to open it, who comes back to the same page", async () => {
  const modest = here.browser();
  await modest.signIn("ada");
  const page = await text(modest.get(`${at}?style=flat`));
  expect(page).toContain("diff-line");
  expect(page).not.toContain('name="seal"');
  const href = /href="(\/sign-in\?[^"]*)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
  expect(Object.fromEntries(new URLSearchParams(href.slice(9)))).toEqual({
    scope: "public_repo",
    to: `${at}?style=flat`,
  });
  const back = await modest.signIn("ada", href.slice(8));
  expect(back.headers.get("location")).toBe(`http://localhost:8080${at}?style=flat`);
  expect(await text(modest.get(`${at}?style=flat`))).toContain('name="seal"');
  const forced = here.browser();
  await forced.signIn("ada");
  const refused = await forced.post(at, { seal: sealOf(await text(ada.get(at))) });
  expect(refused.status).toBe(422);
  expect(await words(refused)).toContain("does not let us write to this repository");
});

test("nobody but a maintainer sees it or does it", async () => {
  const seal = sealOf(await text(ada.get(at)));
  const bob = here.browser();
  for (const status of [401, 403]) {
    if (status === 403) await bob.signIn("bob", allowed);
    expect((await bob.get(at)).status).toBe(status);
    expect((await bob.post(at, { seal })).status).toBe(status);
    expect((await bob.get(`${at}/1`)).status).toBe(status);
  }
  const elsewhere = await ada.post(at, { seal }, { origin: "https://evil.example" });
  expect(elsewhere.status).toBe(403);
  expect(branches()).toEqual(["main"]);
});

describe("GitHub's refusals are told in words:", () => {
  const refusal = async (query = "") => words(press(ada, query));

  test("an archived repository", async () => {
    here.fake.change("octo/app", { archived: true });
    expect(await words(ada.get(at))).toContain("The repository is archived, so nobody can change it.");
  });

  test("a rule that protects branches", async () => {
    here.fake.change("octo/app", { rule: "Cannot create ref due to creations being restricted." });
    expect(await refusal()).toContain("A rule of the repository does not let this branch be made.");
    expect(pulls()).toEqual([]);
  });

  test("an organization that has not approved us", async () => {
    const message =
      "Although you appear to have the correct authorization credentials, the `octo` organization has enabled OAuth App access restrictions.";
    here.fake.misbehave(({ method }) => (method === "POST" ? Response.json({ message }, { status: 403 }) : undefined));
    expect(await refusal()).toContain("lets only apps in that it has approved");
    here.fake.misbehave();
  });

  test("somebody who may no longer push", async () => {
    const seal = sealOf(await text(ada.get(at)));
    here.fake.person("ada", { id: 7 });
    expect(await words(ada.post(at, { seal }))).toContain("GitHub says: Must have push access to repository");
    here.fake.person("ada", { id: 7, push: ["octo/app", "octo/empty", "octo/web"] });
  });

  test("leave that was taken back", async () => {
    const seal = sealOf(await text(ada.get(at)));
    here.fake.revoke("ada");
    const answer = await words(ada.post(at, { seal }));
    expect(answer).toContain("GitHub no longer takes what you allowed us");
    expect(answer).toContain("Sign in again");
  });

  test("a README that is a link, or in no encoding of ours", async () => {
    here.fake.push("octo/app", { ...files, "README.md": { link: "docs/README.md" } });
    expect(await words(ada.get(at))).toContain("README.md is a link to another file");
    here.fake.push("octo/app", { ...files, "README.md": new Uint8Array([35, 0xff, 0xfe]) });
    expect(await words(ada.get(at))).toContain("README.md is not in UTF-8");
  });

  test("a README in a format that is not ours", async () => {
    const { "README.md": _, ...rest } = files;
    here.fake.push("octo/app", { ...rest, "README.org": "* App\n" });
    const page = await text(ada.get(at));
    expect(page).toContain("We can't edit the format of");
    expect(page).not.toContain('name="seal"');
  });
});

test("a repository without a README gets one, and an app.json with it on request", async () => {
  here.fake.add("octo/app", { files: { Procfile: "web: node server.js", "package.json": "{}" } });
  here.pass(31_000);
  const page = await text(ada.get(at));
  expect(page).toContain("This adds one with the button.");
  expect(page).toContain('name="manifest"');
  await press(ada, "?manifest=true");
  expect(here.fake.read("octo/app", "README.md", "slipway-badge")).toMatch(/^# app\n\n\[!\[Deploy app to your cloud\]/);
  const manifest = JSON.parse(here.fake.read("octo/app", "app.json", "slipway-badge") ?? "") as object;
  expect(manifest).toMatchObject({ name: "app", repository: "https://github.com/octo/app" });
  expect(pulls()[0]?.body).toContain("Review it before you merge");
});

test("an app in a folder has its own README, and a badge of its own", async () => {
  here.fake.add("octo/web", {
    files: { ...files, "apps/web/README.rst": "Web\n===\n\nIt.\n", "apps/web/Procfile": "web: x" },
  });
  const web = "/github.com/octo/web/badge/pull-request?path=apps/web";
  const page = await text(ada.get(web));
  expect(page).toContain("--- a/apps/web/README.rst");
  await ada.post(web, { seal: sealOf(page) });
  expect(here.fake.read("octo/web", "apps/web/README.rst", "slipway-badge")).toBe(`Web
===

.. image:: http://localhost:8080/github.com/octo/web/badge.svg?path=apps/web
   :alt: Deploy web to your cloud
   :target: http://localhost:8080/github.com/octo/web?path=apps/web

It.
`);
});

test("once it is merged there is nothing left to change", async () => {
  here.fake.push("octo/app", { "app.json": '{"name":"App"}', ...files, "README.md": withBadge });
  const page = await text(ada.get(at));
  expect(page).toContain("already has this button.");
  expect(page).not.toContain('name="seal"');
  expect(await text(ada.get(`${at}?style=flat`))).toContain("This changes its style.");
});

test("Heroku's button stays, or makes room", async () => {
  const heroku =
    "[![Deploy](https://www.herokucdn.com/deploy/button.svg)](https://heroku.com/deploy?template=https://github.com/octo/app)";
  here.fake.push("octo/app", { "app.json": '{"name":"App"}', ...files, "README.md": `# App\n\n${heroku}\n` });
  expect(await words(ada.get(at))).toContain("Heroku’s button stays.");
  expect(await words(ada.get(`${at}?heroku=replace`))).toContain("This replaces Heroku’s button in README.md");
  await press(ada, "?heroku=replace");
  const readme = here.fake.read("octo/app", "README.md", "slipway-badge");
  expect(readme).not.toContain("heroku");
  expect(readme).toContain("badge.svg");
});

test("a program gets the same as JSON", async () => {
  const seen = (await (await ada.getJson(at)).json()) as { file: string; where: string; diff: string; seal: string };
  expect(seen).toMatchObject({ file: "README.md", where: "heading" });
  expect(seen.diff).toContain("@@ -1,3 +1,5 @@\n # App\n \n+[![Deploy App");
});

test("there is no such page for a folder of this machine", async () => {
  expect((await ada.get("/local/apps/x/badge/pull-request")).status).toBe(404);
});
