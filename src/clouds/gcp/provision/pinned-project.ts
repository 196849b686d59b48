import type { DeploymentEvent, Run } from "../../cloud.ts";

/** Returns the project stored in the ledger, if any. */
const recordedProject = ({ ledger }: Pick<Run, "ledger">): string | undefined =>
  ledger
    .values()
    .map(({ data }) => data.project)
    .find((id) => typeof id === "string");

/**
 * Stores the project ID in the ledger. Access is wiped at the end of a deployment; if the user later picks another project
 * for the removal, nothing would be found there and everything would be marked removed.
 */
export async function* recordProject(
  run: Run,
  events: AsyncIterable<DeploymentEvent>,
): AsyncGenerator<DeploymentEvent> {
  let isMissing = recordedProject(run) === undefined;
  const { project = "" } = run.access;
  for await (const event of events) {
    if (isMissing && event.type === "step" && event.state === "running" && project) {
      isMissing = false;
      yield { ...event, data: { ...event.data, project } };
    } else yield event;
  }
}

/** Returns a failure if access was granted to another project than the one in the ledger; null otherwise. */
export function wrongProjectEvent(run: Run): DeploymentEvent | null {
  const [recorded, granted] = [recordedProject(run), run.access.project];
  if (recorded === undefined || granted === undefined || recorded === granted) return null;
  return {
    type: "state",
    state: "failed",
    error: {
      message: `It is in the project ${recorded}, and access was lent to ${granted}.`,
      next: `Give access to ${recorded}, then remove it again.`,
      step: "",
    },
  };
}
