import { describe, expect, test } from "vitest";
import { note } from "../../src/result.ts";
import { appPage } from "../../views/repositories/app-page.ts";
import { homePage } from "../../views/repositories/home.ts";
import { manifestPage } from "../../views/repositories/manifest-page.ts";
import { problemsPage } from "../../views/repositories/not-deployable.ts";
import { attributes, tagWith, visibleText } from "./rendered.ts";
import * as data from "./view-data.ts";

describe("the home page", () => {
  test("shows a problem next to the submitted address and keeps the address", async () => {
    const problem = note("Only repositories on github.com can be read.");
    const markup = String(await homePage({ ...data.homeData, address: "gitlab.com/a/b", problem }));
    const fieldTag = tagWith(markup, 'id="repo"');
    expect(fieldTag).toContain('value="gitlab.com/a/b"');
    expect(fieldTag).toContain('aria-describedby="repo-problem"');
    expect(tagWith(markup, 'id="repo-problem"')).toContain('role="alert"');
  });

  test("lists the clouds and how to connect the missing ones", async () => {
    const text = await visibleText(homePage(data.homeData));
    expect(text).toContain("This machine connected Apps run beside Slipway");
    expect(text).toContain("Heroku not connected Set HEROKU_CLIENT_ID");
  });
});

describe("the app page", () => {
  test("lists the cheapest cloud first, then clouds without a price, then those that cannot run the app", async () => {
    const text = await visibleText(appPage(data.appData));
    const at = ["Heroku", "DigitalOcean", "Amazon Web Services", "Your Kubernetes", "Google Cloud"].map((name) =>
      text.indexOf(name),
    );
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(text).toContain("Heroku cheapest $22.00 a month");
    expect(text).toContain("price unknown");
    expect(text).toContain("Google Cloud can't run it Cloud Run has no place for a worker");
    expect(text).toContain("List prices of 1 November 2026");
  });

  test("keeps the ref in links to the form, once", async () => {
    const query = "?ref=v3&path=docs";
    const page = String(await appPage({ ...data.appData, query }));
    expect(attributes(page, "href")).toContain(`/github.com/discourse/discourse/heroku${query}`);
    const clouds = data.appData.clouds.map((cloud) => ({ ...cloud, path: cloud.path + query }));
    const pageWithQueries = String(await appPage({ ...data.appData, query, clouds }));
    expect(attributes(pageWithQueries, "href").filter((url) => url.includes("heroku"))).toEqual([
      `/github.com/discourse/discourse/heroku${query}`,
    ]);
  });

  test("lists required variables and counts the others", async () => {
    const text = await visibleText(appPage(data.appData));
    expect(text).toContain("3 settings to fill in");
    expect(text).toContain("DISCOURSE_DEVELOPER_EMAILS The administrator’s e-mail.");
    expect(text).toContain("1 secret is generated for you. 6 settings have a default or are optional.");
  });

  test("loads a logo only from a safe URL and sends no referrer", async () => {
    const pageWithLogo = (url: string) => appPage({ ...data.appData, app: { ...data.discourse, logo: url } });
    expect(tagWith(String(await pageWithLogo("https://logos.invalid/l.png")), '<img class="app-tile"')).toContain(
      'referrerpolicy="no-referrer"',
    );
    expect(String(await pageWithLogo("http://logos.invalid/l.png"))).not.toContain("logos.invalid");
    expect(await visibleText(pageWithLogo("javascript:x"))).toContain("D Discourse");
  });
});

describe("a repository that can't be deployed", () => {
  test("lists each problem with its location, message and fix", async () => {
    const text = await visibleText(problemsPage(data.problemsData));
    expect(text).toContain("3 problems to fix");
    expect(text).toContain("app.json:12:10 env env must be an object");
    expect(text).toContain("What to do: Add a Procfile");
    const markup = String(await problemsPage(data.problemsData));
    expect(attributes(markup, "href")).toContain("https://github.com/discourse/discourse/blob/HEAD/app.json#L12");
  });

  test("names the files it looks for if none was found", async () => {
    expect(await visibleText(problemsPage({ ...data.problemsData, problems: [], read: [] }))).toContain(
      "We looked for app.json",
    );
  });
});

test("the manifest page marks a fault in its line and offers the corrected file", async () => {
  const page = String(await manifestPage(data.manifestData));
  expect(page).toContain('<li class="line" value="2"');
  expect(page).toContain("Warning, line 2, column 22");
  expect(page).toContain("Write <code>,</code> here.");
  expect(page).toContain("&quot;name&quot;: &quot;Discourse&quot;,\n");
  expect(page).toContain("Suggested app.json");
  expect(page).toContain("Sizes are ignored");
});

test("the manifest page shows the parsed app without default values of secrets", async () => {
  const secret = data.variable("API_KEY", { secret: true, default: "hunter2" });
  const app = { ...data.discourse, variables: [...data.discourse.variables, secret] };
  const text = await visibleText(manifestPage({ ...data.manifestData, app }));
  expect(text).toContain("We read app.json , Procfile , Dockerfile");
  expect(text).toContain("web public bundle exec unicorn -c config/unicorn.conf.rb 3000 1–4 × medium");
  expect(text).toContain("backup bin/backup daily at 03:00 UTC");
  expect(text).toContain("SECRET_KEY_BASE Signs the cookies. generated for you, 128 characters");
  expect(text).not.toContain("hunter2");
});
