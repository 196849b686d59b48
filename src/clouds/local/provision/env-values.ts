import type { Run } from "../../cloud.ts";
import type { StepContext } from "../../walk.ts";
import { interpolate, isListening, type PlaceholderResolver, portKey } from "../compile/interpolation.ts";
import type { Stack } from "../stack.ts";
import { outputsOf } from "./app-resources.ts";
import { portOf, resolveResourceEnv } from "./environment.ts";

type Env = Record<string, string>;
type Ledger = Pick<StepContext, "dataOf">;
interface Deployment {
  run: Run;
  stack: Stack;
}

/**
 * Returns the value of every variable of the app, including those of the resources that already run. `overrides` are
 * the variables that only one service has.
 */
export function resolveEnv({ run, stack }: Deployment, ledger: Ledger, overrides: Env = {}): Env {
  const resolve = placeholderResolver({ run, stack }, ledger);
  const resolveAll = (templates: [string, string][]) =>
    Object.fromEntries(templates.map(([name, template]) => [name, interpolate(template, resolve)]));
  // An answer is plain text; placeholders are resolved only in a default that the visitor kept.
  const keptDefaults = Object.entries(stack.late).filter(([name, template]) => run.env[name] === template);
  const resourceEnvs = stack.resources.map((resource) =>
    resolveResourceEnv(resource, outputsOf(run, resource, ledger.dataOf(resource.step))),
  );
  return {
    ...run.env,
    ...resolveAll(keptDefaults),
    ...resolveAll(Object.entries(stack.env)),
    ...Object.assign({}, ...resourceEnvs),
    ...resolveAll(Object.entries(overrides)),
  };
}

const servicePort = ({ dataOf }: Ledger, { step }: { step: string }): number =>
  portOf(dataOf(step)) || Number(dataOf("source")[portKey(step)] ?? 0);

const host = "127.0.0.1";

/** Returns a resolver for this deployment's placeholders. A missing value becomes empty. */
const placeholderResolver =
  ({ run, stack }: Deployment, ledger: Ledger): PlaceholderResolver =>
  (reference, port) => {
    const suffix = port === undefined ? "" : `:${port}`;
    if (reference === "app.name") return run.app.name + suffix;
    if (reference === "region") return run.plan.region + suffix;
    if (reference === "cloud") return run.plan.cloud + suffix;
    const [kind, name = "", output = name] = reference.split(".");
    if (kind === "resource") return resourceOutput(name, output) + suffix;
    const service = stack.services.find((candidate) => (kind === "app" ? candidate.public : candidate.name === name));
    if (!service || !isListening(service)) return "";
    const actualPort = `${servicePort(ledger, service)}`;
    if (output === "port") return actualPort + suffix;
    if (output === "url") return `http://${host}:${actualPort}${suffix}`;
    // `http://${service.api.host}:3000` means the port that the manifest gives to `api`: here it has another one.
    return port !== undefined && Number(port) === service.port ? `${host}:${actualPort}` : host + suffix;

    function resourceOutput(name: string, output: string): string {
      const resource = stack.resources.find((candidate) => candidate.name === name);
      if (resource) return outputsOf(run, resource, ledger.dataOf(resource.step))[output] ?? "";
      // A resource of the visitor's own: its outputs are their answers.
      const templates = run.app.resources.find((candidate) => candidate.name === name)?.env ?? {};
      const variable = Object.keys(templates).find((key) => templates[key] === `\${${output}}`);
      return variable === undefined ? "" : (run.env[variable] ?? "");
    }
  };
