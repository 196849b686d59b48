import { describe, expect, test } from "vitest";
import { configurePage } from "../../views/repositories/configure.ts";
import { attributes, tagWith, visibleText } from "./rendered.ts";
import * as data from "./view-data.ts";

describe("the configure page", () => {
  const fieldTag = async (name: string, page = data.configureData) =>
    tagWith(String(await configurePage(page)), `name="env[${name}]"`);
  const pageWithVariable = (item: ReturnType<typeof data.variable>, value = "", problem: string | null = null) => ({
    ...data.configureData,
    variables: [{ variable: item, value, problem }],
  });

  test("shows the plan and its price before the form", async () => {
    const text = await visibleText(configurePage(data.configureData));
    expect(text).toContain("Fargate, 0.5 vCPU, 1 GB for web $18.02");
    expect(text).toContain("Total per month, list prices of 1 November 2026 $76.67");
    expect(text).toContain("Traffic out price unknown");
    expect(text.indexOf("$76.67")).toBeLessThan(text.indexOf("Settings"));
  });

  test("submits the plan that was shown", async () => {
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

  test("renders a field for each type of variable", async () => {
    expect(await fieldTag("DISCOURSE_DEVELOPER_EMAILS")).toMatch(/type="email".*required/);
    expect(await fieldTag("DISCOURSE_SMTP_PORT")).toMatch(/inputmode="decimal".*value="587"/);
    expect(await fieldTag("DISCOURSE_CDN_URL")).toMatch(/type="url"/);
    expect(await fieldTag("DISCOURSE_CDN_URL")).not.toMatch(/required/);
    expect(await fieldTag("LANG")).toMatch(/^<select/);
    expect(await fieldTag("DISCOURSE_SSO_KEY")).toMatch(/^<textarea/);
    expect(await fieldTag("DISCOURSE_SMTP_PASSWORD")).toMatch(/type="password".*autocomplete="off"/);
  });

  test("shows a placeholder without filling it in", async () => {
    const placeholder = await fieldTag("DISCOURSE_HOSTNAME");
    expect(placeholder).toContain('placeholder="&lt;Your host name&gt;"');
    expect(placeholder).toContain('value=""');
    expect(placeholder).toContain("required");
  });

  test("lists differences but not exact matches", async () => {
    const remarks = [data.remark("exact", "All is well."), data.remark("ignored", "It has no disks.")];
    const text = await visibleText(configurePage({ ...data.configureData, remarks }));
    expect(text).toContain("It has no disks.");
    expect(text).not.toContain("All is well.");
    const withoutRemarks = await visibleText(configurePage({ ...data.configureData, remarks: remarks.slice(0, 1) }));
    expect(withoutRemarks).not.toContain("What's different");
  });

  test("lets generated secrets be replaced", async () => {
    const secret = await fieldTag("SECRET_KEY_BASE");
    expect(secret).toContain('type="password"');
    expect(secret).not.toContain("required");
    expect(await visibleText(configurePage(data.configureData))).toContain("SECRET_KEY_BASE generated for you");
  });

  test("distinguishes false from unset, with the app's spelling of booleans", async () => {
    const values = async (item: ReturnType<typeof data.variable>, value: string) => {
      const markup = String(await configurePage(pageWithVariable(item, value)));
      const radios = [...markup.matchAll(/<input type="radio" id="answer[^>]*>/g)].map(([tag]) => tag);
      return radios.map((tag) => `${attributes(tag, "value")[0]}${tag.includes("checked") ? " *" : ""}`);
    };
    const required = data.variable("A", { type: "boolean", default: "1" });
    expect(await values(required, "0")).toEqual(["1", "0 *"]);
    expect(await values({ ...required, default: null }, "")).toEqual(["true", "false"]);
    const optional = data.variable("B", { type: "boolean", required: false });
    expect(await values(optional, "")).toEqual(["true", "false", " *"]);
  });

  test("selects no option if the value is not among them", async () => {
    const markup = String(await configurePage(pageWithVariable(data.variable("A", { options: ["x", "y"] }), "z")));
    expect(tagWith(markup, '<option value=""')).toContain("selected");
    expect(markup).not.toMatch(/<option value="[xy]"\s+selected/);
  });

  test("keeps a leading line break in a textarea", async () => {
    const markup = String(await configurePage(pageWithVariable(data.variable("A", { type: "multiline" }), "\nfirst")));
    expect(markup).toMatch(/<textarea[^>]*>\n\nfirst<\/textarea>/);
  });

  test("folds optional variables and opens the fold if one has an error", async () => {
    const foldTag = async (page: typeof data.configureData) =>
      tagWith(String(await configurePage(page)), '<details class="fold"');
    expect(await foldTag(data.configureData)).not.toContain("open");
    expect(await foldTag(data.configureWrong)).toContain("open");
    expect(await foldTag(data.configureHello)).toBe("");
  });

  test("lists every error once at the top with a link to its field, and again beside the field", async () => {
    const markup = String(await configurePage(data.configureWrong));
    const summary = tagWith(markup, 'aria-labelledby="summary-title"');
    expect(summary).toContain('role="alert"');
    expect(summary).toContain("autofocus");
    const text = await visibleText(configurePage(data.configureWrong));
    expect(text).toContain("4 problems to fix");
    expect(text.match(/This must be a number\./g)).toHaveLength(2);
    const port = await fieldTag("DISCOURSE_SMTP_PORT", data.configureWrong);
    expect(port).toContain('value="five"');
    expect(port).toContain('aria-invalid="true"');
    const [id = ""] = attributes(port, "id");
    expect(attributes(markup, "href")).toContain(`#${id}`);
    expect(attributes(port, "aria-describedby")[0]).toBe(`${id}-problem`);
  });

  test("explains why an app cannot run instead of showing the form", async () => {
    const markup = String(await data.pages["configure-impossible"]?.());
    expect(markup).toContain("Blocks deployment");
    expect(markup).toContain("Choose another cloud");
    expect(markup).not.toContain('action="/deployments"');
  });

  test("does not mention an account if none is needed", async () => {
    const text = await visibleText(configurePage(data.configureHello));
    expect(text).toContain("Deploy to this machine");
    expect(text).toContain("Total free");
    expect(text).not.toContain("your account");
  });

  test("keeps the ref and prefilled values when the region changes", async () => {
    const markup = String(await configurePage({ ...data.configureData, query: "?ref=v3&env%5BLANG%5D=x&region=old" }));
    const choices = markup.slice(markup.indexOf('class="choices"'), markup.indexOf('class="deploy"'));
    expect(choices).toContain('name="ref" value="v3"');
    expect(choices).toContain('name="env[LANG]" value="x"');
    expect(choices).not.toContain('value="old"');
  });
});
