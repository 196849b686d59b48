import { join } from "node:path";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import { processFiles } from "../processes/ensure-running.ts";
import { readFromOffset } from "../processes/log-reader.ts";
import type { RunContext } from "../run-context.ts";

/** Returns the path prefix of the files of a step's current process. */
export const filesOf = (
  { folders }: Pick<RunContext, "folders">,
  { dataOf }: Pick<StepContext, "dataOf">,
  step: string,
) => processFiles(join(folders.processes, step), dataOf(step));

/** The keys of the ledger data that store how far a log has been forwarded. */
type Keys = Record<"file" | "offset" | "inside", string>;

/** In the data of the service's own step, while that waits for the service. */
export const serviceKeys: Keys = { file: "file", offset: "offset", inside: "inside" };

/** In the data of the health step, which forwards the logs of all services. */
export const healthKeys = (step: string): Keys => ({
  file: `${step}.file`,
  offset: `${step}.offset`,
  inside: `${step}.inside`,
});

/** Yields what a service has logged since the last call, in this step or in the service's own. */
export async function* forwardLog(
  context: RunContext,
  stepContext: StepContext,
  step: string,
  keys: Keys,
): AsyncGenerator<StepUpdate, void> {
  const files = filesOf(context, stepContext, step);
  const name = files.slice(context.folders.processes.length + 1);
  for (;;) {
    const position =
      positionIn(stepContext.data, keys, name) ?? positionIn(stepContext.dataOf(step), serviceKeys, name) ?? start;
    if (position.offset > context.machine.limits.outputBytes) return;
    const part = await readFromOffset(`${files}.log`, position, { ended: false, hide: context.hide });
    if (!part) return;
    yield { lines: part.lines, data: { [keys.file]: name, [keys.offset]: part.offset, [keys.inside]: part.inside } };
  }
}

const start = { offset: 0, inside: false };

const positionIn = (data: StepContext["data"], keys: Keys, name: string) =>
  data[keys.file] === name ? { offset: Number(data[keys.offset] ?? 0), inside: data[keys.inside] === true } : null;
