import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { note } from "../../src/result.ts";
import { deploymentPage } from "../../views/deployments/deployment.ts";
import { removalPage } from "../../views/deployments/removal.ts";
import { errorPage } from "../../views/error-page.ts";
import { duration, money, plural } from "../../views/format.ts";
import type { Html } from "../../views/html.ts";
import { studioPage } from "../../views/maintainers/badge-studio.ts";
import { maintainerTabs } from "../../views/maintainers/tabs.ts";
import { appPage } from "../../views/repositories/app-page.ts";
import { configurePage } from "../../views/repositories/configure.ts";
import { homePage } from "../../views/repositories/home.ts";
import { manifestPage } from "../../views/repositories/manifest-page.ts";
import { problemsPage } from "../../views/repositories/not-deployable.ts";
import { safeUrl } from "../../views/safe-url.ts";
import { statsPage } from "../../views/stats/stats.ts";
import { findMarkupError } from "../harness/well-formed.ts";
import * as data from "./view-data.ts";

const folder = join(import.meta.dirname, "../../views");

const decode = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

/** What a reader sees of a page, as one line. */
const words = async (page: Html) =>
  decode(
    String(await page)
      .replace(/^[\s\S]*<main/, "<main")
      .replace(/<[^>]*>/g, " "),
  ).replace(/\s+/g, " ");

const attributes = (markup: string, name: string) =>
  [...markup.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) => decode(value));

/** The opening tag that has this attribute. */
const tagWith = (markup: string, attribute: string) =>
  [...markup.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag).find((tag) => tag.includes(attribute)) ?? "";

const fixed = new Set(["state", "kind", "type", "level", "size", "when", "host", "preset", "fault", "assets"]);

/** The same data with every free text in it, keys of records too, replaced. */
function poisoned(value: unknown, text: string, key = ""): unknown {
  if (fixed.has(key)) return value;
  if (typeof value === "string") return key === "day" ? "2026-11-22" : text;
  if (Array.isArray(value)) return value.map((each) => poisoned(each, text));
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  const entries = Object.entries(value).map(([name, each]) => [
    key === "env" ? text : name,
    poisoned(each, text, name),
  ]);
  return Object.fromEntries(entries);
}

const poisons = {
  "a script": `"><script>alert(1)</script><img src=x onerror='alert(1)'>`,
  "the ends of elements": "</textarea></pre></title></code></option></svg></main>",
  "a link that runs": "javascript:alert(1)",
  "another one": " data:text/html,<script>alert(1)</script>",
  "quotes and entities": `' " & &quot; &lt;script&gt; \` \${alert(1)} {{7*7}}`,
  "a link with a quote": `https://example.com/"onmouseover="alert(1)`,
  "a word without an end": "x".repeat(500),
  nothing: "",
};

describe("whatever the data says, a page stays the page we wrote", () => {
  for (const { name, data: real, render } of data.views)
    for (const [what, text] of Object.entries(poisons))
      test(`${name}, with ${what} for every text`, async () => {
        const markup = String(await render(poisoned(real, text) as object));
        expect(findMarkupError(markup, "html")).toBeNull();
        const scripts = [...markup.matchAll(/<script[^>]*>/g)];
        for (const [tag] of scripts)
          expect(tag).toMatch(/^<script type="module" src="\/assets\/[a-z-]+\.js\?v=1f2e3d">$/);
        for (const url of [
          ...attributes(markup, "href"),
          ...attributes(markup, "src"),
          ...attributes(markup, "action"),
        ])
          expect(url).not.toMatch(/^\s*(?:javascript|data):/i);
      });
});

describe("every page", () => {
  for (const [name, render] of Object.entries(data.pages))
    test(`${name} is well formed, has one heading, and everything in it is named`, async () => {
      const markup = String(await render());
      expect(findMarkupError(markup, "html")).toBeNull();
      expect(markup.match(/<h1[ >]/g)).toHaveLength(1);
      expect(markup.match(/<main /g)).toHaveLength(1);
      expect(markup).not.toMatch(/\sstyle="|undefined|\[object |NaN/);
      const ids = new Set(attributes(markup, "id"));
      for (const about of ["aria-describedby", "aria-labelledby", "for"])
        for (const id of attributes(markup, about).flatMap((value) => value.split(" "))) expect(ids).toContain(id);
      for (const [field] of markup.matchAll(/<(?:input|select|textarea)[^>]*>/g))
        if (!field.includes('type="hidden"')) expect(attributes(markup, "for")).toContain(attributes(field, "id")[0]);
      expect(tagWith(markup, 'class="skip"')).toContain('href="#main"');
    });
});

test("markup is written by the tag alone, and every link goes through safeUrl", () => {
  // Charts are SVG, drawn by a library and cleaned by safe-svg.
  const views = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("stats/charts/"),
  );
  for (const file of views) {
    const source = readFileSync(join(folder, file), "utf8");
    expect(source, file).not.toMatch(/\braw\b/);
    expect(source, file).not.toMatch(/(?<!html)`\s*<[a-z]/);
    expect(source, file).not.toMatch(/\s(?:href|src|action)="(?!\/|#|\$\{(?:safeUrl|assets)\()/);
  }
});

describe("a link leads out only where it is safe", () => {
  test.each([
    ["https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
    ["HTTPS://Example.com", "https://example.com/"],
    ["/github.com/o/r?ref=x", "/github.com/o/r?ref=x"],
    ["http://127.0.0.1:4321/welcome", "http://127.0.0.1:4321/welcome"],
    ["http://localhost:4321", "http://localhost:4321/"],
    ["http://[::1]:4321/", "http://[::1]:4321/"],
    ["http://app.localhost/", "http://app.localhost/"],
  ])("%s is kept", (url, kept) => expect(safeUrl(url)).toBe(kept));

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "http://example.com/",
    "http://127.0.0.1.example.com/",
    "//example.com/",
    "/\\example.com",
    "/\t/example.com",
    "\\\\example.com",
    "https:example.com",
    "https://user:secret@example.com/",
    "https://",
    "relative",
    "",
  ])("%j is not", (url) => expect(safeUrl(url)).toBeNull());
});

describe("numbers are said as people say them", () => {
  test("money has two places, is free only where no bill is sent, and is never made up", () => {
    expect(money(22, true)).toBe("$22.00");
    expect(money(1234.5, true)).toBe("$1,234.50");
    expect(money(0, false)).toBe("free");
    expect(money(0, true)).toBe("$0.00");
    expect(money(null, false)).toBe("price not known");
  });

  test("time is minutes and seconds, with hours when there are any", () => {
    expect([0, 9_999, 61_000, 3_599_999, 3_600_000, -5].map(duration)).toEqual([
      "0:00",
      "0:09",
      "1:01",
      "59:59",
      "1:00:00",
      "0:00",
    ]);
  });

  test("one is one, and everything else is many", () => {
    expect([plural(1, "step"), plural(0, "step"), plural(1204, "step")]).toEqual(["1 step", "0 steps", "1,204 steps"]);
  });
});

describe("home", () => {
  test("says what was wrong with what was pasted, next to it, and keeps it", async () => {
    const problem = note("Only repositories on github.com can be read.");
    const markup = String(await homePage({ ...data.homeData, address: "gitlab.com/a/b", problem }));
    const field = tagWith(markup, 'id="repo"');
    expect(field).toContain('value="gitlab.com/a/b"');
    expect(field).toContain('aria-describedby="repo-problem"');
    expect(tagWith(markup, 'id="repo-problem"')).toContain('role="alert"');
  });

  test("names the clouds, and what would connect those that are not", async () => {
    const text = await words(homePage(data.homeData));
    expect(text).toContain("This machine connected Apps run beside Slipway");
    expect(text).toContain("Heroku not connected Set HEROKU_CLIENT_ID");
  });
});

describe("the app's page", () => {
  test("lists the clouds cheapest first, then those without a price, then those that cannot", async () => {
    const text = await words(appPage(data.appData));
    const at = ["Heroku", "DigitalOcean", "Amazon Web Services", "Your Kubernetes", "Google Cloud"].map((name) =>
      text.indexOf(name),
    );
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(text).toContain("Heroku cheapest $22.00 a month");
    expect(text).toContain("price not known");
    expect(text).toContain("Google Cloud cannot run it Cloud Run has no place for a worker");
    expect(text).toContain("List prices of 1 November 2026");
  });

  test("carries the ref along to the form, once", async () => {
    const query = "?ref=v3&path=docs";
    const plain = String(await appPage({ ...data.appData, query }));
    expect(attributes(plain, "href")).toContain(`/github.com/discourse/discourse/heroku${query}`);
    const clouds = data.appData.clouds.map((cloud) => ({ ...cloud, path: cloud.path + query }));
    const ready = String(await appPage({ ...data.appData, query, clouds }));
    expect(attributes(ready, "href").filter((url) => url.includes("heroku"))).toEqual([
      `/github.com/discourse/discourse/heroku${query}`,
    ]);
  });

  test("says what will be asked, and counts what will not", async () => {
    const text = await words(appPage(data.appData));
    expect(text).toContain("3 answers from you");
    expect(text).toContain("DISCOURSE_DEVELOPER_EMAILS The administrator’s e-mail.");
    expect(text).toContain("1 secret is generated for you. 6 settings have a default or are optional.");
  });

  test("loads a logo only from where it is safe, and tells nobody who asks", async () => {
    const logo = (url: string) => appPage({ ...data.appData, app: { ...data.discourse, logo: url } });
    expect(tagWith(String(await logo("https://logos.invalid/l.png")), '<img class="app-tile"')).toContain(
      'referrerpolicy="no-referrer"',
    );
    expect(String(await logo("http://logos.invalid/l.png"))).not.toContain("logos.invalid");
    expect(await words(logo("javascript:x"))).toContain("D Discourse");
  });
});

describe("a repository that cannot be deployed", () => {
  test("gets each problem with its place, the sentence and what to do", async () => {
    const text = await words(problemsPage(data.problemsData));
    expect(text).toContain("3 things stand in the way");
    expect(text).toContain("app.json:12:10 env env must be an object");
    expect(text).toContain("What to do: Add a Procfile");
    const markup = String(await problemsPage(data.problemsData));
    expect(attributes(markup, "href")).toContain("https://github.com/discourse/discourse/blob/HEAD/app.json#L12");
  });

  test("is told what was looked for when nothing was found", async () => {
    expect(await words(problemsPage({ ...data.problemsData, problems: [], read: [] }))).toContain(
      "We looked for app.json",
    );
  });
});

test("the checker marks a fault in its line, and has the corrected file to copy", async () => {
  const page = String(await manifestPage(data.manifestData));
  expect(page).toContain('<li class="line" value="2"');
  expect(page).toContain("To mend at 2:22");
  expect(page).toContain("Write <code>,</code> here.");
  expect(page).toContain("&quot;name&quot;: &quot;Discourse&quot;,\n");
  expect(page).toContain("Here is the app.json we would write for you");
  expect(page).toContain("Sizes are ignored");
});

test("the manifest's page shows what was understood, and no secret's default", async () => {
  const secret = data.variable("API_KEY", { secret: true, default: "hunter2" });
  const app = { ...data.discourse, variables: [...data.discourse.variables, secret] };
  const text = await words(manifestPage({ ...data.manifestData, app }));
  expect(text).toContain("We read app.json , Procfile , Dockerfile");
  expect(text).toContain("web public bundle exec unicorn -c config/unicorn.conf.rb 3000 1–4 × medium");
  expect(text).toContain("backup bin/backup daily at 03:00 UTC");
  expect(text).toContain("SECRET_KEY_BASE Signs the cookies. generated for you, 128 characters");
  expect(text).not.toContain("hunter2");
});

describe("the form", () => {
  const field = async (name: string, page = data.configureData) =>
    tagWith(String(await configurePage(page)), `name="env[${name}]"`);
  const only = (each: ReturnType<typeof data.variable>, value = "", problem: string | null = null) => ({
    ...data.configureData,
    variables: [{ variable: each, value, problem }],
  });

  test("shows the plan and its price before anything is asked", async () => {
    const text = await words(configurePage(data.configureData));
    expect(text).toContain("Fargate, 0.5 vCPU, 1 GB for web $18.02");
    expect(text).toContain("Monthly, as listed on 1 November 2026 $76.67");
    expect(text).toContain("Traffic out price not known");
    expect(text.indexOf("$76.67")).toBeLessThan(text.indexOf("Your answers"));
  });

  test("sends along what was looked at", async () => {
    const markup = String(await configurePage(data.configureData));
    const hidden = Object.fromEntries(
      [...markup.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    );
    expect(hidden).toMatchObject({
      repo: "github.com/discourse/discourse",
      ref: "v3.6.1",
      path: "",
      commit: data.discourse.source.commit,
      cloud: "aws",
      region: "eu-west-1",
      preset: "economy",
      request: "7f3k9q",
    });
  });

  test("gives each kind of answer its field", async () => {
    expect(await field("DISCOURSE_DEVELOPER_EMAILS")).toMatch(/type="email".*required/);
    expect(await field("DISCOURSE_SMTP_PORT")).toMatch(/inputmode="decimal".*value="587"/);
    expect(await field("DISCOURSE_CDN_URL")).toMatch(/type="url"/);
    expect(await field("DISCOURSE_CDN_URL")).not.toMatch(/required/);
    expect(await field("LANG")).toMatch(/^<select/);
    expect(await field("DISCOURSE_SSO_KEY")).toMatch(/^<textarea/);
    expect(await field("DISCOURSE_SMTP_PASSWORD")).toMatch(/type="password".*autocomplete="off"/);
  });

  test("shows a placeholder as an example, and asks", async () => {
    const placeholder = await field("DISCOURSE_HOSTNAME");
    expect(placeholder).toContain('placeholder="&lt;Your host name&gt;"');
    expect(placeholder).toContain('value=""');
    expect(placeholder).toContain("required");
  });

  test("tells what is different there, not what is just as it is written", async () => {
    const remarks = [data.remark("exact", "All is well."), data.remark("ignored", "It has no disks.")];
    const text = await words(configurePage({ ...data.configureData, remarks }));
    expect(text).toContain("It has no disks.");
    expect(text).not.toContain("All is well.");
    const silent = await words(configurePage({ ...data.configureData, remarks: remarks.slice(0, 1) }));
    expect(silent).not.toContain("Worth knowing");
  });

  test("makes secrets up, and lets them be replaced", async () => {
    const secret = await field("SECRET_KEY_BASE");
    expect(secret).toContain('type="password"');
    expect(secret).not.toContain("required");
    expect(await words(configurePage(data.configureData))).toContain("SECRET_KEY_BASE generated for you");
  });

  test("tells no from not answered, in the app's own spelling", async () => {
    const values = async (each: ReturnType<typeof data.variable>, value: string) => {
      const markup = String(await configurePage(only(each, value)));
      const radios = [...markup.matchAll(/<input type="radio" id="answer[^>]*>/g)].map(([tag]) => tag);
      return radios.map((tag) => `${attributes(tag, "value")[0]}${tag.includes("checked") ? " *" : ""}`);
    };
    const required = data.variable("A", { type: "boolean", default: "1" });
    expect(await values(required, "0")).toEqual(["1", "0 *"]);
    expect(await values({ ...required, default: null }, "")).toEqual(["true", "false"]);
    const optional = data.variable("B", { type: "boolean", required: false });
    expect(await values(optional, "")).toEqual(["true", "false", " *"]);
  });

  test("chooses nothing for the visitor where the answer is not one of the options", async () => {
    const markup = String(await configurePage(only(data.variable("A", { options: ["x", "y"] }), "z")));
    expect(tagWith(markup, '<option value=""')).toContain("selected");
    expect(markup).not.toMatch(/<option value="[xy]"\s+selected/);
  });

  test("keeps a line break at the start of a long text", async () => {
    const markup = String(await configurePage(only(data.variable("A", { type: "multiline" }), "\nfirst")));
    expect(markup).toMatch(/<textarea[^>]*>\n\nfirst<\/textarea>/);
  });

  test("folds what needs no answer, and opens the fold when something in it is wrong", async () => {
    const fold = async (page: typeof data.configureData) =>
      tagWith(String(await configurePage(page)), '<details class="fold"');
    expect(await fold(data.configureData)).not.toContain("open");
    expect(await fold(data.configureWrong)).toContain("open");
    expect(await fold(data.configureHello)).toBe("");
  });

  test("says every mistake once at the top, with a way to it, and beside its field", async () => {
    const markup = String(await configurePage(data.configureWrong));
    const summary = tagWith(markup, 'aria-labelledby="summary-title"');
    expect(summary).toContain('role="alert"');
    expect(summary).toContain("autofocus");
    const text = await words(configurePage(data.configureWrong));
    expect(text).toContain("4 things to look at again");
    expect(text.match(/This must be a number\./g)).toHaveLength(2);
    const port = await field("DISCOURSE_SMTP_PORT", data.configureWrong);
    expect(port).toContain('value="five"');
    expect(port).toContain('aria-invalid="true"');
    const [id = ""] = attributes(port, "id");
    expect(attributes(markup, "href")).toContain(`#${id}`);
    expect(attributes(port, "aria-describedby")[0]).toBe(`${id}-problem`);
  });

  test("is not there where the app cannot run, and says why", async () => {
    const markup = String(await data.pages["configure-impossible"]?.());
    expect(markup).toContain("Not possible");
    expect(markup).toContain("Choose another cloud");
    expect(markup).not.toContain('action="/deployments"');
  });

  test("asks for nothing of an account where none is needed", async () => {
    const text = await words(configurePage(data.configureHello));
    expect(text).toContain("Deploy to this machine");
    expect(text).toContain("Altogether free");
    expect(text).not.toContain("your account");
  });

  test("carries ref and prefilled answers through a change of region", async () => {
    const markup = String(await configurePage({ ...data.configureData, query: "?ref=v3&env%5BLANG%5D=x&region=old" }));
    const choices = markup.slice(markup.indexOf('class="choices"'), markup.indexOf('class="deploy"'));
    expect(choices).toContain('name="ref" value="v3"');
    expect(choices).toContain('name="env[LANG]" value="x"');
    expect(choices).not.toContain('value="old"');
  });
});

describe("a deployment's page", () => {
  test("says what is going on, how far it is, and what is next", async () => {
    const text = await words(deploymentPage(data.deploymentData));
    expect(text).toContain("Discourse is on its way to AWS");
    expect(text).toContain("4 of 7 steps done Postgres 17, db.t4g.micro 8:41");
    expect(text).toContain("Postgres 17, db.t4g.micro , under way RDS: Configuring-enhanced-monitoring 6:58");
    expect(text).toContain("Stop and remove");
  });

  test("loads itself again without script, but only while something is going on", async () => {
    const refresh = '<noscript><meta http-equiv="refresh" content="3"></noscript>';
    expect(String(await deploymentPage(data.deploymentData))).toContain(refresh);
    expect(String(await deploymentPage(data.deploymentRemoving))).toContain(refresh);
    for (const over of [data.deploymentSucceeded, data.deploymentFailed, data.deploymentRemoved]) {
      const markup = String(await deploymentPage(over));
      expect(markup).not.toContain("http-equiv");
      expect(markup).not.toContain("<script");
    }
  });

  test("opens the app at the end, and offers to remove it", async () => {
    const markup = String(await deploymentPage(data.deploymentSucceeded));
    expect(attributes(markup, "href")).toContain(data.deploymentSucceeded.deployment.url);
    expect(await words(deploymentPage(data.deploymentSucceeded))).toContain("Remove it");
  });

  test("says of a failure whose it is, in which words, what to do and what is still there", async () => {
    const text = await words(deploymentPage(data.deploymentFailed));
    expect(text).toContain("Discourse did not get to AWS");
    expect(text).toContain("It stopped at “Run the release job”");
    expect(text).toContain("This is one for its maintainers, not for you or AWS.");
    expect(text).toContain('could not open extension control file "vector.control"');
    expect(text).toContain("What to do: Ask the maintainers");
    expect(text).toContain("Five things are still there");
    expect(text).toContain("Try again from there Possible until 22 November 2026, 14:09 UTC");
  });

  test("offers to try again only when that is possible", async () => {
    const text = await words(deploymentPage({ ...data.deploymentFailed, canRetry: false }));
    expect(text).not.toContain("Try again");
    expect(text).toContain("Remove what was created");
  });

  test("counts backwards while it is taken away", async () => {
    expect(await words(deploymentPage(data.deploymentRemoving))).toContain("3 of 7 steps removed");
    expect(await words(deploymentPage(data.deploymentRemoved))).toContain("Deploy Discourse again");
  });

  test("shows the last 500 lines of the log, where the keyboard can scroll them", async () => {
    const log = Array.from({ length: 700 }, (_, index) => `line ${index}`);
    const markup = String(await deploymentPage({ ...data.deploymentData, log }));
    expect(markup).not.toContain("line 199\n");
    expect(markup).toContain("line 200\n");
    expect(tagWith(markup, 'data-part="log"')).toContain('tabindex="0"');
  });
});

describe("removal", () => {
  test("names what goes, says that the data goes too, and leaves a way back", async () => {
    const markup = String(await removalPage(data.removalData));
    const text = await words(removalPage(data.removalData));
    expect(text).toContain("Remove Discourse from AWS?");
    expect(text).toContain("What will be taken away 7 things");
    expect(text).toContain("Its data goes too.");
    expect(tagWith(markup, "<form")).toContain('action="/deployments/d7f3k/removal" method="post"');
    expect(attributes(markup, "href")).toContain("/deployments/d7f3k");
  });

  test("of what was never created loses nothing", async () => {
    const page = { ...data.removalData, running: true, steps: [] };
    expect(await words(removalPage(page))).toContain("Nothing has been created yet");
  });
});

test("trouble says what happened, what to do, and when to try again", async () => {
  const text = await words(errorPage(data.troubleData));
  expect(text).toContain("GitHub has heard enough from us");
  expect(text).toContain("can set GITHUB_TOKEN");
  expect(text).toContain("try again after 22 November 2026, 13:45 UTC");
  const unsafe = await errorPage({ ...data.troubleData, actions: [{ label: "Go", href: "javascript:x" }] });
  expect(attributes(String(unsafe), "href")).toContain("/");
  expect(String(unsafe)).not.toContain(">Go<");
});

describe("stats", () => {
  test("are charts, each with a text and a table beside it, and the sums", async () => {
    const markup = String(await statsPage(data.statsData));
    const charts = [...markup.matchAll(/<img [^>]*>/g)].map(([tag]) => tag);
    expect(charts.map((tag) => tag.match(/stats\/([a-z]+)\.svg/)?.[1])).toEqual([
      "outcomes",
      "times",
      "visits",
      "badges",
    ]);
    for (const tag of charts) expect(tag).toMatch(/alt="Chart: [^"]+"/);
    expect(await words(statsPage(data.statsData))).toContain("Started 152");
    expect(await words(statsPage(data.statsData))).toContain("22 November 2026");
  });

  test("tell what maintainers can mend apart from what the cloud did", async () => {
    const text = await words(statsPage(data.statsData));
    expect(text).toContain("What to change in the repository: Listen on the port in PORT");
    expect(text).toContain("ECS Deployment Circuit Breaker was triggered");
    expect(text).toContain("Amazon Web Services, other");
  });

  test("say so when there are none yet", async () => {
    expect(await words(statsPage(data.statsEmpty))).toContain("Nobody has pressed the button yet");
  });

  test("are brought up to date only while the range reaches today", async () => {
    expect(String(await statsPage(data.statsData))).toContain("/assets/stats.js");
    const past = { ...data.statsData, stats: { ...data.statsData.stats, to: "2026-11-21" } };
    expect(String(await statsPage(past))).not.toContain("/assets/stats.js");
  });
});

test("the studio shows each badge on light and dark, what was chosen, and each text to copy", async () => {
  const markup = String(await studioPage(data.studioData));
  expect(attributes(markup, "src")).toContain("/github.com/discourse/discourse/badge.svg?style=flat&theme=dark");
  expect(tagWith(markup, 'value="flat"')).toContain("checked");
  expect(tagWith(markup, 'value="button"')).not.toContain("checked");
  expect(tagWith(markup, 'name="count"')).toContain("checked");
  expect(tagWith(markup, 'name="ref"')).toContain('value="v3.6.1"');
  expect(tagWith(markup, "<textarea")).toContain("readonly");
  expect(markup).toContain("[![Deploy](https://slipway.example/");
  expect(attributes(markup, "href")).toContain("/github.com/discourse/discourse/badge/pull-request?style=flat");
  const without = String(await studioPage({ ...data.studioData, proposal: null }));
  expect(without).not.toContain("pull request");
});

test("the pages for maintainers lead to each other, and say which of them this is", async () => {
  const markup = String(await maintainerTabs("/github.com/o/r", "?ref=v1", "stats"));
  expect(attributes(markup, "href")).toEqual([
    "/github.com/o/r/badge?ref=v1",
    "/github.com/o/r/manifest?ref=v1",
    "/github.com/o/r/stats",
    "/github.com/o/r/settings",
    "/github.com/o/r/webhooks",
  ]);
  expect(markup.match(/<a [^>]*aria-current="page">(\w+)/)?.[1]).toBe("Stats");
  expect(markup.match(/aria-current/g)).toHaveLength(1);
});

test("the app's page leads maintainers to what is theirs", async () => {
  const hrefs = attributes(String(await appPage({ ...data.appData, query: "" })), "href");
  const path = data.appData.path;
  expect(hrefs).toEqual(
    expect.arrayContaining(["badge", "stats", "settings", "webhooks"].map((page) => `${path}/${page}`)),
  );
});
