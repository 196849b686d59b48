import type { DeploymentEvent, Run } from "../../cloud.ts";

/** The project that the ledger names, if it has begun to. */
const known = ({ ledger }: Pick<Run, "ledger">): string | undefined =>
  ledger
    .values()
    .map(({ data }) => data.project)
    .find((one) => typeof one === "string");

/**
 * Writes into the first line of the ledger in which project it is: the access that knows it is wiped, and whoever lends
 * it again for a removal might name another project, where nothing would be found and everything called removed.
 */
export async function* recordProject(
  run: Run,
  events: AsyncIterable<DeploymentEvent>,
): AsyncGenerator<DeploymentEvent> {
  let open = known(run) === undefined;
  const { project = "" } = run.access;
  for await (const event of events) {
    if (open && event.type === "step" && event.state === "running" && project) {
      open = false;
      yield { ...event, data: { ...event.data, project } };
    } else yield event;
  }
}

/** What is said instead of looking for it in another project; null: it is where the access leads. */
export function wrongProjectEvent(run: Run): DeploymentEvent | null {
  const [there, given] = [known(run), run.access.project];
  if (there === undefined || given === undefined || there === given) return null;
  return {
    type: "state",
    state: "failed",
    error: {
      message: `It is in the project ${there}, and access was lent to ${given}.`,
      next: `Lend access to ${there}, and remove it again.`,
      step: "",
    },
  };
}
