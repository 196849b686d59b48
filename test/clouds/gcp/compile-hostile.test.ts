import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { envOf, evaluate, kept, requestsOf, resources, running, stackOf } from "./evaluate.ts";
import { hostileApp, mark } from "./hostile-app.ts";

function* walkValues(value: unknown): Generator<{ key: string; value: unknown }> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    yield { key, value: child };
    yield* walkValues(child);
  }
}

describe("text from a manifest", () => {
  test("stays literal in commands, values, images, paths and builds", () => {
    fc.assert(
      fc.property(hostileApp(), (hostile) => {
        const env = { GREETING: hostile.variables[0]?.default ?? "", TOKEN: hostile.variables[1]?.default ?? "" };
        const stack = stackOf(hostile);
        const [web] = Object.values(running(stack, "services", { env }));
        const [worker] = Object.values(running(stack, "workerPools", { env }));
        const commands = Object.values(running(stack, "jobs", { env })).map((job) => job.containers[0]?.args?.at(-1));
        expect(web?.containers[0]?.args?.at(-1)).toBe(hostile.services[0]?.command);
        expect(worker?.containers[0]?.args?.at(-1)).toBe(hostile.services[1]?.command);
        expect(commands).toEqual(hostile.jobs.map(({ command }) => command));
        expect(web?.containers[0]?.startupProbe).toMatchObject({
          httpGet: { path: hostile.services[0]?.health?.path },
        });
        expect(envOf(web?.containers[0])).toMatchObject({
          GREETING: env.GREETING,
          OWN: hostile.services[0]?.env?.OWN,
          SHARED: hostile.env?.SHARED,
        });
        expect(kept(stack, { env }).token).toBe(env.TOKEN);
        const { build, source } = hostile;
        if (build.kind === "image") {
          expect(web?.containers[0]?.image).toBe(build.image);
          return;
        }
        const [sent] = resources(stack)
          .flatMap(requestsOf)
          .filter(({ api }) => api === "cloudbuild")
          .map(({ body = {} }) => evaluate(body) as Record<string, Record<string, Record<string, string>>>);
        expect(sent?.source?.gitSource).toEqual({
          url: `https://github.com/${source.owner}/${source.repo}.git`,
          revision: source.commit,
          dir: source.path,
        });
        // Cloud Build's substitutions: https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values
        const strings = [...walkValues(sent?.steps)].flatMap(({ key, value }) =>
          typeof value === "string" && key !== "script" ? [value.replaceAll("$$", "$")] : [],
        );
        if (build.kind === "dockerfile")
          expect(strings).toEqual(
            expect.arrayContaining([
              `./${build.dockerfile}`,
              `./${build.context}`,
              ...Object.entries(build.args ?? {}).map(([name, value]) => `${name}=${value}`),
            ]),
          );
        if (build.kind === "buildpacks") expect(strings).toContain(`--builder=${build.builder}`);
        if (build.kind === "command")
          expect(strings).toEqual(expect.arrayContaining([`COMMAND=${build.command}`, `PUBLISH=${build.publish}`]));
      }),
      { numRuns: 300 },
    );
  });

  test("never becomes a key, a method, a request path or a script", () => {
    fc.assert(
      fc.property(hostileApp(), (hostile) => {
        const stack = stackOf(hostile);
        const violations = [...walkValues(stack)].filter(
          ({ key, value }) =>
            key.includes(mark) ||
            (["api", "method", "role", "script", "is"].includes(key) && `${value}`.includes(mark)),
        );
        expect(violations).toEqual([]);
        for (const child of resources(stack))
          for (const { params } of requestsOf(child)) expect(JSON.stringify(params)).not.toContain(mark);
      }),
      { numRuns: 300 },
    );
  });

  test("never becomes a Cloud Build substitution", () => {
    fc.assert(
      fc.property(hostileApp(), (hostile) => {
        const builds = resources(stackOf(hostile))
          .flatMap(requestsOf)
          .filter(({ api }) => api === "cloudbuild");
        for (const { body } of builds)
          for (const { key, value } of walkValues((body as { steps: unknown }).steps))
            if (typeof value === "string" && key !== "script" && key !== "secret")
              expect(value.replaceAll("$$", "")).not.toContain("$");
      }),
      { numRuns: 300 },
    );
  });
});
