import { describe, expect, test } from "vitest";
import { describeVariable, variable } from "../../src/manifest/infer/variable.ts";
import { appOf, readFiles, remarksOf } from "./read-files.ts";

/** One variable with a value, written in each form. */
const forms: Record<string, (name: string, value: string) => Record<string, string>> = {
  "app.json": (name, value) => ({ "app.json": JSON.stringify({ image: "x/y", env: { [name]: { value } } }) }),
  "compose.yaml": (name, value) => ({
    "compose.yaml": JSON.stringify({
      services: { web: { image: "x/y", ports: [80], environment: { [name]: value } } },
    }),
  }),
  "render.yaml": (name, value) => ({
    "render.yaml": JSON.stringify({
      services: [{ type: "web", name: "web", image: { url: "x/y" }, envVars: [{ key: name, value }] }],
    }),
  }),
  ".do/app.yaml": (name, value) => ({
    ".do/app.yaml": JSON.stringify({
      services: [
        { name: "web", image: { registry_type: "DOCKER_HUB", repository: "y" }, envs: [{ key: name, value }] },
      ],
    }),
  }),
  "fly.toml": (name, value) => ({ "fly.toml": `[build]\nimage = "x/y"\n[env]\n${name} = ${JSON.stringify(value)}\n` }),
  "convox.yml": (name, value) => ({
    "convox.yml": JSON.stringify({ services: { web: { image: "x/y", port: 80, environment: [`${name}=${value}`] } } }),
  }),
  "score.yaml": (name, value) => ({
    "score.yaml": JSON.stringify({ containers: { web: { image: "x/y", variables: { [name]: value } } } }),
  }),
  "Chart.yaml": (name, value) => ({
    "Chart.yaml": "name: x",
    "values.yaml": JSON.stringify({ image: "x/y", containerPort: 80, env: { [name]: value } }),
  }),
};

describe.each(Object.entries(forms))("in %s", (_, write) => {
  const asked = (name: string, value: string) => appOf(write(name, value)).variables.find((one) => one.name === name);

  test("the app's own address is never asked for", () => {
    expect(asked("SITE_URL", "https://appname.herokuapp.com/login")?.default).toBe("${app.url}/login");
    expect(asked("ALLOWED_HOSTS", ".herokuapp.com")?.default).toBe("${app.host}");
    expect(asked("APP_URL", "http://localhost:3000")?.default).toBe("${app.url}");
  });
  test("an example is asked for, with a remark", () => {
    expect(asked("DB_HOST", "xxx.eu-west-1.rds.amazonaws.com")).toMatchObject({ default: null, required: true });
    expect(remarksOf(write("ADMIN", "name@domain.com"))).toContain(
      "`name@domain.com` is an example, so visitors are asked for their own.",
    );
  });
  test("the author's secret never becomes everyone's default", () => {
    const files = write("MAPS_API_KEY", "live_0a1b2c3d4e5f60718293a4b5c6d7e8f9");
    expect(appOf(files).variables[0]).toMatchObject({ name: "MAPS_API_KEY", default: null, secret: true });
    expect(JSON.stringify(readFiles(files))).not.toContain("live_0a1b");
    expect(remarksOf(files)).toContain(
      "Everyone can read the value of the secret `MAPS_API_KEY` here, so visitors are asked for their own.",
    );
    expect(asked("JWT_SECRET", "k3y-of-the-author-0123456789")?.generator).toEqual({ kind: "hex", length: 64 });
  });
  test("a plain value is the author's word", () => {
    expect(asked("CLEANER_ALLOW_REMOTE_DATABASE_URL", "true")?.default).toBe("true");
  });
});

describe("what is asked for", () => {
  const of = (name: string, description = "", value?: string) => variable(name, { description, value });
  test.each([
    ["APP_URL", ""],
    ["BASE_URL", "The base URL"],
    ["WEBHOOK_BASE", "x"],
  ])("%s (%s) is the app's own address where it names it", (name, description) => {
    expect(of(name, description).default).toBe(/_URL$/.test(name) ? "${app.url}" : null);
  });
  test.each([
    ["HOSTNAME_OF_APP_HOST", "The domain of your app, such as foo.herokuapp.com", "${app.host}"],
    ["CALLBACK_URL", "The URL of this app", "${app.url}"],
    ["REDIS_URL", "The URL of your redis server", null],
    ["WEBHOOK_URL", "The URL of a Slack webhook", null],
  ])("%s (%s) has the default %s", (name, description, expected) => {
    expect(of(name, description).default).toBe(expected);
  });
  test.each(["SENTRY_DSN", "HONEYBADGER_API_KEY", "NEW_RELIC_LICENSE_KEY", "REACT_APP_SENTRY_DSN"])(
    "%s is optional",
    (name) => expect(of(name).required).toBe(false),
  );
  test("an author may require it all the same", () => {
    expect(variable("SENTRY_DSN", { required: true }).required).toBe(true);
  });
  test.each([
    ["GITHUB_PRIVATE_KEY", ""],
    ["TLS_CERT", ""],
    ["GOOGLE_CREDENTIALS_JSON", ""],
    ["KEY", "The contents of the PEM file"],
  ])("%s (%s) has several lines", (name, description) => expect(of(name, description).type).toBe("multiline"));
  test.each(["PRIVATE_KEY_PATH", "CERT_BASE64", "API_KEY"])("%s has one", (name) =>
    expect(of(name).type).not.toBe("multiline"),
  );
  test("a name of a column is no secret", () => {
    const described = describeVariable("AUTH_PASSWORD", {
      description: "Column that holds the password",
      value: "password",
    });
    expect(described).toMatchObject({ variable: { default: "password", secret: false }, note: null });
  });
  test("USE_EMAIL is no address", () => expect(of("USE_EMAIL").type).toBe("text"));
});

test("an app.json may call a value the default", () => {
  const files = { "app.json": '{"image":"x/y","env":{"THREADS":{"description":"How many","default":"5"}}}' };
  expect(appOf(files).variables[0]?.default).toBe("5");
  expect(readFiles(files).remarks).toMatchObject([{ fix: "Write `value`." }]);
});

test("unknown keys of an app.json are one remark", () => {
  const files = { "app.json": '{"image":"x/y","version":"1","author":"a","license":"MIT","main":"x.js"}' };
  expect(remarksOf(files)).toEqual([
    "`version`, `author`, `license`, `main` are no keys of an app.json, and are passed over.",
  ]);
});

test("keys of error trackers do not block an install", () => {
  const { variables } = appOf({ "app.json": '{"image":"x/y","addons":["sentry","rollbar","bonsai"]}' });
  expect(variables.map(({ name, required }) => [name, required])).toEqual([
    ["SENTRY_DSN", false],
    ["ROLLBAR_ACCESS_TOKEN", false],
    ["BONSAI_URL", true],
  ]);
});

test("a misspelt add-on gets a guess, and its database when the guess is sure", () => {
  const files = (addon: string) => ({ "app.json": JSON.stringify({ image: "x/y", addons: [addon] }) });
  expect(appOf(files("heroku-postgres")).resources).toMatchObject([
    { type: "postgres", env: { DATABASE_URL: "${url}" } },
  ]);
  expect(readFiles(files("heroku-postgres")).remarks).toMatchObject([{ fix: "Write `heroku-postgresql`." }]);
  expect(appOf(files("bonsay")).resources).toEqual([]);
  expect(readFiles(files("bonsay")).remarks).toMatchObject([{ fix: "Did you mean `bonsai`?" }]);
});
