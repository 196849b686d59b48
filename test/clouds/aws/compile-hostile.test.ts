import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import type { Property, Template, Value } from "../../../src/clouds/aws/cloudformation.ts";
import { support } from "../../../src/clouds/aws/compile/support.ts";
import { validateParameters } from "../../../src/clouds/aws/provision/validate-parameters.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { evaluate } from "./evaluate.ts";
import { templateOf } from "./templates.ts";

const marker = "§";
const fragments = [
  "${",
  "${AWS::AccountId}",
  "${DataDatabasePassword}",
  "${!Literal}",
  "$",
  "{",
  "}",
  "{{",
  "}}",
  "resolve",
  "resolve:ssm:x",
  '{"Fn::Sub":"${AWS::StackId}"}',
  "Fn::Sub",
  "!Ref Vpc",
  '"',
  "'",
  "\\",
  "\n",
  "\r\n",
  "\t",
  "`id`",
  "$(id)",
  "; rm -rf /",
  "<b>",
  "--",
  "é",
  " ",
  "a",
];
const isRefused = (text: string) => /\{\{resolve:/i.test(text);
/** Hostile text for any field; its first letter distinguishes it from our own text. */
const hostileText = fc
  .array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 6 })
  .map((parts) => marker + parts.join(""))
  .filter((text) => !isRefused(text));

const app: fc.Arbitrary<App> = fc
  .record({
    texts: fc.array(hostileText, { minLength: 24, maxLength: 24 }),
    names: fc.uniqueArray(hostileText, { minLength: 8, maxLength: 8 }),
    built: fc.constantFrom("image", "dockerfile", "buildpacks", "command"),
  })
  .map(({ texts, names, built }) => {
    const text = () => texts.pop() ?? "";
    const name = () => names.pop() ?? "";
    const build: App["build"] =
      built === "image"
        ? { kind: built, image: text() }
        : built === "dockerfile"
          ? { kind: built, dockerfile: text(), context: text(), args: { [text()]: text() } }
          : built === "buildpacks"
            ? { kind: built, builder: text(), buildpacks: [text()], language: "node" }
            : { kind: built, command: text(), publish: text() };
    const web = aService({ name: name(), command: text(), health: { path: `/${text()}` }, env: { [name()]: text() } });
    return anApp({
      name: text(),
      description: text(),
      source: { host: "github.com", owner: text(), repo: text(), ref: text(), commit: text(), path: text() },
      build,
      services: [web, aService({ name: name(), command: text(), public: false, port: 9000 })],
      jobs: [
        aJob({ name: name(), command: text() }),
        aJob({ name: name(), command: text(), when: "schedule", schedule: "1 2 * * *" }),
      ],
      resources: [aResource({ name: name(), env: { [name()]: "${url}" } })],
      variables: [aVariable({ name: name(), description: text(), default: text() })],
    });
  });

interface Container {
  Image: string;
  Command: string[];
  Environment: { Name: string; Value: string }[];
  Secrets: { Name: string; ValueFrom: string }[];
}
const containersOf = (evaluated: Record<string, Value>) =>
  Object.values(evaluated).flatMap((child) => {
    const [first] = ((child as Property).ContainerDefinitions ?? []) as unknown as Container[];
    return first ? [first] : [];
  });

function* walkValues(value: unknown): Generator<{ key: string; value: unknown }> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    yield { key, value: child };
    yield* walkValues(child);
  }
}

describe("text from a manifest", () => {
  test("stays literal in commands, values, names, images and builds", () => {
    fc.assert(
      fc.property(app, (hostile) => {
        const template = templateOf(hostile);
        const evaluated = evaluate(template);
        const containers = containersOf(evaluated);
        const values = containers.flatMap(({ Environment }) => Environment);
        const [web, worker] = hostile.services;
        const [release, nightly] = hostile.jobs;
        const [variable] = hostile.variables;
        const commands = containers.map(({ Command }) => Command?.at(-1));
        expect(commands).toEqual(expect.arrayContaining([web?.command, worker?.command]));
        expect(values).toContainEqual({ Name: variable?.name, Value: variable?.default });
        const [[own, missingSupport] = ["", ""]] = Object.entries(web?.env ?? {});
        expect(values.find(({ Name }) => Name === own)?.Value).toBe(missingSupport);
        const [filled] = Object.keys(hostile.resources[0]?.env ?? {});
        expect(containers[0]?.Secrets.map(({ Name }) => Name)).toContain(filled);
        const all = Object.values(evaluated) as Property[];
        expect(all.find(({ Kind }) => Kind === "job")?.Command).toContain(release?.command);
        const timed = all.find(({ ScheduleExpression }) => ScheduleExpression)?.Target as Property;
        expect(JSON.parse(timed.Input as string).containerOverrides[0].command.at(-1)).toBe(nightly?.command);
        if (hostile.build.kind === "image") expect(containers[0]?.Image).toBe(hostile.build.image);
        else {
          const project = all.find(({ Source }) => Source)?.Environment as Property;
          const variables = project.EnvironmentVariables as { Name: string; Value: string }[];
          expect(variables).toContainEqual({ Name: "COMMIT", Value: hostile.source.commit, Type: "PLAINTEXT" });
          expect(variables).toContainEqual({ Name: "FOLDER", Value: hostile.source.path, Type: "PLAINTEXT" });
          if (hostile.build.kind === "dockerfile")
            expect(variables).toContainEqual({
              Name: "DOCKERFILE",
              Value: hostile.build.dockerfile,
              Type: "PLAINTEXT",
            });
        }
      }),
      { numRuns: 200 },
    );
  });

  test("never becomes a key, a logical ID or part of an Fn::Sub", () => {
    fc.assert(
      fc.property(app, (hostile) => {
        const ownKeys = ["Fn::Sub", "Ref", "Fn::GetAtt", "BuildSpec"];
        const violations = [...walkValues(templateOf(hostile))].filter(
          ({ key, value }) => key.includes(marker) || (ownKeys.includes(key) && String(value).includes(marker)),
        );
        expect(violations).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("never becomes a dynamic reference, even when fragments are joined", () => {
    fc.assert(
      fc.property(app, (hostile) => {
        if (support(hostile).some(({ level }) => level === "missing")) return;
        const text = JSON.stringify(evaluate(templateOf(hostile)));
        for (const [reference] of text.matchAll(/\{\{resolve:.*?\}\}/g))
          expect(reference).toMatch(
            /^\{\{resolve:secretsmanager:<Data[A-Za-z0-9]*Password>:SecretString:password\}\}$/,
          );
      }),
      { numRuns: 200 },
    );
  });
});

describe("text that CloudFormation cannot escape is rejected with a message", () => {
  const refused = "{{resolve:secretsmanager:prod/db}}";
  const missingSupport = (hostile: App) => support(hostile).filter(({ level }) => level === "missing");
  const places: Record<string, App> = {
    "services.0.command": anApp({ services: [aService({ command: `echo ${refused}` })] }),
    "services.0.env.A": anApp({ services: [aService({ env: { A: refused } })] }),
    "jobs.0.command": anApp({ jobs: [aJob({ command: refused })] }),
    "variables.0.default": anApp({ variables: [aVariable({ default: refused })] }),
    "variables.0.options.1": anApp({ variables: [aVariable({ options: ["a", refused] })] }),
    "resources.0.env.A": anApp({ resources: [aResource({ env: { A: refused } })] }),
    "resources.0.env": anApp({ resources: [aResource({ env: { [refused]: "${url}" } })] }),
    "env.A": anApp({ env: { A: "{{ReSolve:ssm:x}}" } }),
    "build.image": anApp({ build: { kind: "image", image: refused } }),
    "source.path": anApp({ source: { ...anApp().source, path: refused } }),
  };
  test.each(Object.entries(places))("in %s", (path, hostile) => {
    expect(missingSupport(hostile)).toContainEqual(
      expect.objectContaining({
        path,
        message: expect.stringMatching(/CloudFormation.*\.$/),
        fix: expect.stringMatching(/\.$/),
      }),
    );
  });

  test.each(["{{resolve${host}:ssm:x}}", "{{${name}resolve:ssm:x}}", "{{res${port}olve:ssm:x}}", "{{${host}"])(
    "when %s could become one",
    (template) => {
      const hostile = anApp({ resources: [aResource({ env: { A: template } })] });
      expect(missingSupport(hostile).map(({ path }) => path)).toContain("resources.0.env.A");
    },
  );

  test("accepts other templates in braces", () => {
    const friendly = anApp({
      services: [aService({ command: "echo '{{ name }} {{resolve}} {resolve:x}'" })],
      resources: [aResource({ env: { A: "{{ user }} at ${host}:${port}" } })],
    });
    expect(missingSupport({ ...friendly, source: { ...friendly.source, host: "github.com" } })).toEqual([]);
  });
});

describe("answers with a dynamic reference", () => {
  const template: Template = templateOf(
    anApp({
      variables: [aVariable(), aVariable({ name: "TOKEN", secret: true }), aVariable({ name: "B", required: false })],
    }),
  );
  test("are rejected before anything is created, with the variable's name", () => {
    expect(validateParameters(template, { GREETING: "hi", TOKEN: "{{resolve:ssm:/prod}}" })).toMatchObject([
      { path: "env.TOKEN" },
    ]);
    expect(validateParameters(template, { GREETING: "{{ hi }}" })).toEqual([]);
  });
  test("are rejected by the template itself when it is run by hand", () => {
    for (const [name, { AllowedPattern = "" }] of Object.entries(template.Parameters)) {
      if (!name.startsWith("Env") && name !== "MoreVariables") continue;
      expect(new RegExp(AllowedPattern).test("before\n{{resolve:ssm:/prod}}"), name).toBe(false);
      expect(new RegExp(AllowedPattern).test("{{ hi }}\n\\ \u2028é"), name).toBe(true);
    }
    expect(Object.keys(template.Parameters)).toContain("EnvGreeting");
  });
});
