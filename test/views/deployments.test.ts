import { describe, expect, test } from "vitest";
import { deploymentPage } from "../../views/deployments/deployment.ts";
import { removalPage } from "../../views/deployments/removal.ts";
import { errorPage } from "../../views/error-page.ts";
import { attributes, tagWith, visibleText } from "./rendered.ts";
import * as data from "./view-data.ts";

describe("the deployment page", () => {
  test("shows the state, the progress and the next action", async () => {
    const text = await visibleText(deploymentPage(data.deploymentData));
    expect(text).toContain("Deploying Discourse to AWS…");
    expect(text).toContain("4 of 7 steps done Postgres 17, db.t4g.micro 8:41");
    expect(text).toContain("Postgres 17, db.t4g.micro , in progress RDS: Configuring-enhanced-monitoring 6:58");
    expect(text).toContain("Stop and remove");
  });

  test("reloads without scripts only while the deployment runs", async () => {
    const refresh = '<noscript><meta http-equiv="refresh" content="3"></noscript>';
    expect(String(await deploymentPage(data.deploymentData))).toContain(refresh);
    expect(String(await deploymentPage(data.deploymentRemoving))).toContain(refresh);
    for (const page of [data.deploymentSucceeded, data.deploymentFailed, data.deploymentRemoved]) {
      const markup = String(await deploymentPage(page));
      expect(markup).not.toContain("http-equiv");
      expect(markup).not.toContain("<script");
    }
  });

  test("links to the app and its removal after success", async () => {
    const markup = String(await deploymentPage(data.deploymentSucceeded));
    expect(attributes(markup, "href")).toContain(data.deploymentSucceeded.deployment.url);
    expect(await visibleText(deploymentPage(data.deploymentSucceeded))).toContain("Remove it");
  });

  test("explains a failure: who caused it, the message, the fix and what remains", async () => {
    const text = await visibleText(deploymentPage(data.deploymentFailed));
    expect(text).toContain("Discourse wasn't deployed to AWS");
    expect(text).toContain("Failed at “Run the release job”");
    expect(text).toContain("Discourse failed to build or start. The maintainers may need to fix it.");
    expect(text).toContain('could not open extension control file "vector.control"');
    expect(text).toContain("What to do: Ask the maintainers");
    expect(text).toContain("Five things are still there");
    expect(text).toContain("Retry You can retry until 22 November 2026, 14:09 UTC");
  });

  test("offers a retry only if possible", async () => {
    const text = await visibleText(deploymentPage({ ...data.deploymentFailed, canRetry: false }));
    expect(text).not.toContain("Retry");
    expect(text).toContain("Remove what was created");
  });

  test("counts removed steps during a removal", async () => {
    expect(await visibleText(deploymentPage(data.deploymentRemoving))).toContain("3 of 7 steps removed");
    expect(await visibleText(deploymentPage(data.deploymentRemoved))).toContain("Deploy Discourse again");
  });

  test("shows the last 500 log lines in a focusable region", async () => {
    const log = Array.from({ length: 700 }, (_, index) => `line ${index}`);
    const markup = String(await deploymentPage({ ...data.deploymentData, log }));
    expect(markup).not.toContain("line 199\n");
    expect(markup).toContain("line 200\n");
    expect(tagWith(markup, 'data-part="log"')).toContain('tabindex="0"');
  });
});

describe("the removal page", () => {
  test("lists what will be deleted, warns about data and links back", async () => {
    const markup = String(await removalPage(data.removalData));
    const text = await visibleText(removalPage(data.removalData));
    expect(text).toContain("Remove Discourse from AWS?");
    expect(text).toContain("What will be deleted 7 resources");
    expect(text).toContain("This deletes its data too.");
    expect(tagWith(markup, "<form")).toContain('action="/deployments/d7f3k/removal" method="post"');
    expect(attributes(markup, "href")).toContain("/deployments/d7f3k");
  });

  test("says so if nothing was created", async () => {
    const page = { ...data.removalData, running: true, steps: [] };
    expect(await visibleText(removalPage(page))).toContain("Nothing has been created yet");
  });
});

test("the error page shows the message, the fix and when to retry", async () => {
  const text = await visibleText(errorPage(data.troubleData));
  expect(text).toContain("GitHub's rate limit is reached");
  expect(text).toContain("can set GITHUB_TOKEN");
  expect(text).toContain("Try again after 22 November 2026, 13:45 UTC");
  const pageWithUnsafeLink = await errorPage({ ...data.troubleData, actions: [{ label: "Go", href: "javascript:x" }] });
  expect(attributes(String(pageWithUnsafeLink), "href")).toContain("/");
  expect(String(pageWithUnsafeLink)).not.toContain(">Go<");
});
