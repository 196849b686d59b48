import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import { askedVariables } from "../../../src/clouds/gcp/compile/variables.ts";
import { script } from "../../../src/clouds/gcp/export/script.ts";
import type { Stack } from "../../../src/clouds/gcp/stack.ts";
import { anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { example, manifest } from "../aws/templates.ts";
import { bodies, envOf, evaluate, kept, resources } from "./evaluate.ts";
import { hostileApp } from "./hostile-app.ts";

const root = mkdtempSync(join(tmpdir(), "slipway-gcloud-"));
afterAll(() => rmSync(root, { recursive: true, maxRetries: 5 }));

/** A gcloud that records its arguments and input, and responds as Google would. */
const gcloud = `#!/bin/bash
number=$EPOCHREALTIME-$$
printf '%s\\0' "$@" > "$LOG/$number.argv"
case " $* " in
  *' --data-file=- '*) cat > "$LOG/$number.in" ;;
  *' --config='*) for one; do [ "\${one#--config=}" = "$one" ] || cp "\${one#--config=}" "$LOG/$number.in"; done ;;
esac
case " $* " in
  *' config get-value project '*) echo my-project ;;
  *'value(projectNumber)'*) echo 123456789012 ;;
  *'-b@'*'value(email)'*) echo build@my-project.iam.gserviceaccount.com ;;
  *'-r@'*'value(email)'*) echo run@my-project.iam.gserviceaccount.com ;;
  *'-s@'*'value(email)'*) echo schedule@my-project.iam.gserviceaccount.com ;;
  *'-k@'*'value(email)'*) echo keys@my-project.iam.gserviceaccount.com ;;
  *'value(connectionName)'*) echo my-project:us-central1:database ;;
  *'value(host)'*) echo 10.0.0.3 ;;
  *'value(port)'*) echo 6379 ;;
  *'value(registryUri)'*) echo us-central1-docker.pkg.dev/my-project/images ;;
  *'value(metadata.accessId,secret)'*) printf 'GOOG1EACCESSKEY\\t<key>\\n' ;;
  *'value(accessId)'*) echo GOOG1EACCESSKEY ;;
  *'value(authString)'*) echo '<auth>' ;;
  *' print-access-token '*) echo token ;;
esac
[ -z "$FAIL" ] || case " $* " in *"$FAIL"*) exit 1 ;; esac
`;
const curl = `#!/bin/bash
number=$EPOCHREALTIME-$$
printf '%s\\0' curl "$@" > "$LOG/$number.argv"
for one; do [ "\${one#@}" = "$one" ] || cp "\${one#@}" "$LOG/$number.in"; done
if [[ "$*" == *data-binary* ]]; then echo '{"name":"operations/1"}'; else echo '{"name":"operations/1","done":true}'; fi
`;

/** The real openssl, but with marked secrets. */
const openssl = `#!/bin/bash
if [ -n "$PLAIN" ]; then printf '%040d\\n' 0; else exec ${join(root, "bin/real-openssl")} "$@"; fi
`;

const tools = ["bash", "jq", "mktemp", "cat", "rm", "tr", "cut", "cp", "touch"];
const bin = join(root, "bin");
mkdirSync(bin);
for (const [name, text] of Object.entries({ gcloud, curl, openssl, sleep: "#!/bin/bash\n" })) {
  writeFileSync(join(bin, name), text);
  chmodSync(join(bin, name), 0o755);
}
const link = (tool: string, as: string) => {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const program = folders.map((folder) => join(folder, tool)).find(existsSync);
  if (program) symlinkSync(program, join(bin, as));
};
for (const tool of tools) link(tool, tool);
link("openssl", "real-openssl");

interface ScriptRun {
  status: number;
  said: string;
  /** The arguments and input of each command. */
  calls: { words: string[]; input: string | null }[];
  /** The files left in its working folder. */
  left: string[];
}

let runs = 0;
/** Runs a script in an environment with only the programs it names. */
function run(
  text: string,
  { input = "", env = {}, argument = "" }: { input?: string; env?: Record<string, string>; argument?: string } = {},
): Promise<ScriptRun> {
  const folder = join(root, `${++runs}`);
  const log = join(folder, "log");
  const work = join(folder, "work");
  for (const item of [folder, log, work]) mkdirSync(item);
  const file = join(folder, "script.sh");
  writeFileSync(file, text);
  execFileSync("bash", ["-n", file]);
  return new Promise((resolve) => {
    const options = {
      cwd: work,
      env: { PATH: bin, LOG: log, FAIL: "", PLAIN: "", TMPDIR: folder, ID: "k3v9x2ab", ...env },
    };
    const child = execFile(join(bin, "bash"), [file, argument], options, (error, stdout, stderr) => {
      const files = readdirSync(log)
        .filter((name) => name.endsWith(".argv"))
        .toSorted();
      const calls = files.map((name) => {
        const given = join(log, name.replace("argv", "in"));
        return {
          words: readFileSync(join(log, name), "utf8").split("\0").slice(0, -1),
          input: existsSync(given) ? readFileSync(given, "utf8") : null,
        };
      });
      const status = error ? Number(error.code ?? 1) : 0;
      resolve({ status, said: stdout + stderr, calls, left: readdirSync(work) });
    });
    child.stdin?.end(input);
  });
}

const planOf = (app: App, preset: "economy" | "production" = "economy") =>
  compile(app, { region: "us-central1", preset });
const stackOf = (app: App, preset?: "economy" | "production") => planOf(app, preset).stack as unknown as Stack;
const scriptOf = (app: App, preset?: "economy" | "production") => script(app, planOf(app, preset));
const github = (app: App): App => ({ ...app, source: { ...manifest("mastodon").source, repo: app.slug } });

const withoutSecrets = (text: string) => text.replace(/\b[0-9a-f]{40}\b|0{40}|<[A-Za-z ]*password>/g, "<secret>");

/** Returns what must arrive at Cloud Run and in Secret Manager, by script or by API. */
function expectSame(result: ScriptRun, app: App, env: Record<string, string>, preset?: "economy" | "production") {
  const stack = stackOf(app, preset);
  const answers = { env, deployment: "k3v9x2ab" };
  const sent = result.calls
    .filter(({ words }) => words.some((argument) => argument.startsWith("@")))
    .map(({ input }) => JSON.parse(input ?? ""));
  const expectedBodies = resources(stack).flatMap((item) =>
    item.kind === "thing" && item.create.api === "run" ? [evaluate(item.create.body ?? {}, answers)] : [],
  );
  expect(sent).toEqual(expectedBodies);
  const secrets = result.calls.filter(({ words }) => words.slice(0, 3).join(" ") === "secrets versions add");
  const storedSecrets = Object.fromEntries(
    secrets.map(({ words, input }) => [words[3]?.replace(/^.*-k3v9x2ab-/, ""), withoutSecrets(input ?? "")]),
  );
  const given = Object.entries(kept(stack, answers)).filter(([, text]) => text !== "");
  expect(storedSecrets).toEqual(Object.fromEntries(given.map(([name, text]) => [name, withoutSecrets(text)])));
  const builds = result.calls.filter(({ words }) => words[0] === "builds").map(({ input }) => JSON.parse(input ?? ""));
  const expectedBuilds = resources(stack).flatMap((item) => {
    if (item.kind !== "act" || item.start.api !== "cloudbuild") return [];
    const { source: _, ...rest } = evaluate(item.start.body ?? {}) as Record<string, unknown>;
    return [rest];
  });
  expect(builds).toEqual(expectedBuilds);
}

describe("the script", () => {
  needs("jq", "openssl")("does what the plan does", async () => {
    const all = [
      [github(example("guestbook")), "economy", { TITLE: "Guestbook" }],
      [anApp({ source: manifest("mastodon").source, resources: [aResource({ type: "mysql" })] }), "production", {}],
    ] as const;
    for (const [app, preset, env] of all) {
      const result = await run(scriptOf(app, preset));
      expect([result.said, result.status]).toEqual([expect.stringContaining("It answers at https://"), 0]);
      expectSame(result, app, env, preset);
      const database = result.calls.find(({ words }) => words.slice(0, 3).join(" ") === "sql instances create");
      const { databaseVersion = "", settings = {} } = bodies(stackOf(app, preset), "instances.insert")[0] ?? {};
      expect(database?.words).toEqual(
        expect.arrayContaining([
          `${app.slug}-k3v9x2ab-database-1`,
          `--database-version=${databaseVersion}`,
          `--tier=${(settings as { tier: string }).tier}`,
          preset === "production" ? "--availability-type=REGIONAL" : "--availability-type=ZONAL",
          preset === "production" ? "--deletion-protection" : "--connector-enforcement=REQUIRED",
          expect.stringMatching(/^--root-password=[0-9a-f]{40}$/),
        ]),
      );
    }
  });

  needs("jq", "openssl")(
    "asks for what is needed, makes up what is to be made up, and leaves out what may stay empty",
    async () => {
      const app = anApp({
        source: manifest("mastodon").source,
        build: { kind: "image", image: "nginx" },
        resources: [aResource({ name: "redis", type: "redis", env: {} })],
        variables: [
          aVariable({ name: "CACHE", default: "at ${resource.redis.host}" }),
          aVariable({ name: "TITLE" }),
          aVariable({ name: "TOKEN", secret: true }),
          aVariable({ name: "MAYBE", required: false }),
          aVariable({ name: "SITE", default: "${app.url}/" }),
          aVariable({ name: "HEX", generator: { kind: "hex", length: 7 } }),
          aVariable({ name: "B64", generator: { kind: "base64", length: 44 } }),
          aVariable({ name: "WORD", generator: { kind: "password", length: 9, alphabet: "x'y" } }),
          aVariable({ name: "UUID", generator: { kind: "uuid", length: 36 } }),
        ],
      });
      const result = await run(scriptOf(app), { input: "It's \\n $HOME\nt0ken\n" });
      expect([result.said, result.status]).toEqual([expect.stringContaining("It answers at"), 0]);
      const secrets = Object.fromEntries(
        result.calls
          .filter(({ words }) => words[1] === "versions")
          .map(({ words, input }) => [words[3]?.split("-").at(-1), input]),
      );
      expect(secrets.token).toBe("t0ken");
      expect(secrets.hex).toMatch(/^[0-9a-f]{7}$/);
      expect(secrets.b64).toMatch(/^[A-Za-z0-9+/=]{44}$/);
      expect(secrets.word).toMatch(/^[xy']{9}$/);
      expect(secrets.uuid).toMatch(/^[0-9a-f-]{36}$/);
      const [service] = result.calls.filter(({ words }) => words.some((argument) => argument.startsWith("@")));
      const [container] = JSON.parse(service?.input ?? "").template.containers;
      expect(envOf(container)).toMatchObject({
        TITLE: "It's \\n $HOME",
        TOKEN: "secret token",
        CACHE: "at 10.0.0.3",
        SITE: "https://an-app-k3v9x2ab-web-123456789012.us-central1.run.app/",
      });
      expect(envOf(container)).not.toHaveProperty("MAYBE");
    },
  );

  needs("jq", "openssl")(
    "runs nothing but its own commands, whatever the manifest says",
    async () => {
      await fc.assert(
        fc.asyncProperty(hostileApp({ nul: false }), async (app) => {
          const env = Object.fromEntries(
            askedVariables(app).flatMap(({ name, default: text }) => (text === null ? [] : [[name, text]])),
          );
          const result = await run(scriptOf(app), { env: { PLAIN: "1" } });
          expect([result.status, result.left]).toEqual([0, []]);
          expectSame(result, app, env);
          const builds = result.calls.filter(({ words }) => words[0] === "builds").map(({ words }) => words.slice(2));
          const { owner, repo, commit, path } = app.source;
          for (const words of builds)
            expect(words.slice(0, 3)).toEqual([
              `https://github.com/${owner}/${repo}.git`,
              `--git-source-revision=${commit}`,
              `--git-source-dir=${path}`,
            ]);
          const gone = await run(scriptOf(app), { argument: "remove" });
          expect([gone.status, gone.left]).toEqual([0, []]);
        }),
        { numRuns: 10, endOnFailure: true },
      );
    },
    240_000,
  );

  test("is valid shell whatever the manifest contains", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(hostileApp({ nul: false }), (app) => {
        execFileSync("bash", ["-n"], { input: scriptOf(app) });
      }),
      { numRuns: 40 },
    );
  });

  needs("jq", "openssl")("stops at the first command that fails", async () => {
    const result = await run(scriptOf(github(example("guestbook"))), { env: { FAIL: "sql databases create" } });
    expect(result.status).toBe(1);
    expect(result.calls.at(-1)?.words.slice(0, 3)).toEqual(["sql", "databases", "create"]);
  });
});

describe("the script in removal mode", () => {
  const app = manifest("discourse");
  test("deletes everything it creates, in reverse", async () => {
    const result = await run(scriptOf(app, "production"), { argument: "remove" });
    expect(result.status).toBe(0);
    const removable = resources(stackOf(app, "production")).flatMap((item) =>
      item.kind === "thing" && item.remove ? [item.id] : [],
    );
    const said = result.calls.map(({ words }) => words.join(" "));
    const gone = said.filter((line) => / delete |^storage rm /.test(line) && !line.startsWith("storage hmac"));
    expect(gone).toHaveLength(removable.length);
    expect(said.filter((line) => / create /.test(line))).toEqual([]);
    const first = said.findIndex((line) => line.includes("run services delete"));
    expect(first).toBeLessThan(said.findIndex((line) => line.includes("sql instances delete")));
    expect(said.find((line) => line.includes("--no-deletion-protection"))).toMatch(/^sql instances patch/);
    expect(said.filter((line) => line.includes("remove-iam-policy-binding"))).toHaveLength(2);
    expect(said.filter((line) => line.startsWith("storage hmac"))).toHaveLength(3);
  });

  test("continues when something is already deleted, and reports it at the end", async () => {
    const result = await run(scriptOf(app), { env: { FAIL: "run services delete" }, argument: "remove" });
    expect(result.status).toBe(1);
    expect(result.said).toContain("1 commands failed");
    expect(result.calls.at(-1)?.words).toContain("delete");
  });

  test("does nothing without a deployment ID", async () => {
    const result = await run(scriptOf(app), { env: { ID: "" }, argument: "remove" });
    expect(result.status).not.toBe(0);
    expect(result.calls.filter(({ words }) => words.includes("delete"))).toEqual([]);
  });
});

test("an app without a public service prints no URL", () => {
  const bot = anApp({ services: [aService({ name: "bot", public: false, port: null })] });
  expect(scriptOf(bot)).not.toContain("It answers at");
});
