import type { Run } from "../../cloud.ts";
import type { StepContext } from "../../walk.ts";
import { interpolate, isListening, type PlaceholderResolver, portKey } from "../compile/interpolation.ts";
import type { Stack } from "../stack.ts";
import { outputsOf } from "./app-resources.ts";
import { portOf, resolveResourceEnv } from "./environment.ts";

type Env = Record<string, string>;
interface Known {
  run: Run;
  stack: Stack;
}

/**
 * Every variable of the app with its value, those of its resources included, as far as these are there; and on top
 * those that only one service has.
 */
export function resolveEnv({ run, stack }: Known, hand: Pick<StepContext, "dataOf">, own: Env = {}): Env {
  const tell = teller({ run, stack }, hand);
  const fill = (texts: [string, string][]) =>
    Object.fromEntries(texts.map(([name, text]) => [name, interpolate(text, tell)]));
  // An answer is plain text, whatever stands in it; only a default that was kept is filled in.
  const kept = Object.entries(stack.late).filter(([name, text]) => run.env[name] === text);
  return {
    ...run.env,
    ...fill(kept),
    ...fill(Object.entries(stack.env)),
    ...Object.assign(
      {},
      ...stack.resources.map((one) => resolveResourceEnv(one, outputsOf(run, one, hand.dataOf(one.step)))),
    ),
    ...fill(Object.entries(own)),
  };
}

const portOfService = ({ dataOf: of }: Pick<StepContext, "dataOf">, { step }: { step: string }): number =>
  portOf(of(step)) || Number(of("source")[portKey(step)] ?? 0);

const host = "127.0.0.1";

/** Tells what may stand in `${…}`; what there is not is empty. */
const teller =
  ({ run, stack }: Known, hand: Pick<StepContext, "dataOf">): PlaceholderResolver =>
  (what, port) => {
    const behind = port === undefined ? "" : `:${port}`;
    if (what === "app.name") return run.app.name + behind;
    if (what === "region") return run.plan.region + behind;
    if (what === "cloud") return run.plan.cloud + behind;
    const [kind, name = "", output = name] = what.split(".");
    if (kind === "resource") return tellResource(name, output) + behind;
    const service = stack.services.find((one) => (kind === "app" ? one.public : one.name === name));
    if (!service || !isListening(service)) return "";
    const own = `${portOfService(hand, service)}`;
    if (output === "port") return own + behind;
    if (output === "url") return `http://${host}:${own}${behind}`;
    // `http://${service.api.host}:3000` means the port that the manifest gives to `api`: here it has another one.
    return port !== undefined && Number(port) === service.port ? `${host}:${own}` : host + behind;

    function tellResource(wanted: string, output: string): string {
      const made = stack.resources.find((one) => one.name === wanted);
      if (made) return outputsOf(run, made, hand.dataOf(made.step))[output] ?? "";
      // One of the visitor's own: what they have answered.
      const asked = run.app.resources.find((one) => one.name === wanted)?.env ?? {};
      const variable = Object.keys(asked).find((key) => asked[key] === `\${${output}}`);
      return variable === undefined ? "" : (run.env[variable] ?? "");
    }
  };
