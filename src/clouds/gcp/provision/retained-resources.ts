import type { Stack } from "../stack.ts";

/** Lists what stays in the project after a removal, with the reasons. */
export function retainedResources({ steps }: Pick<Stack, "steps">): string[] {
  const actions = steps.flatMap(({ resources }) =>
    resources.flatMap((resource) => (resource.kind === "act" ? [resource.start] : [])),
  );
  const enables = actions.some(({ method }) => method === "services.batchEnable");
  const builds = actions.some(({ api, method }) => api === "cloudbuild" && method.endsWith("builds.create"));
  const text = JSON.stringify(steps);
  return [
    ...(enables ? ["The APIs stay switched on: others may use them by now, and by themselves they cost nothing."] : []),
    ...(builds
      ? ["Cloud Build keeps its list of builds, and Cloud Logging their logs for 30 days: nobody can delete the list."]
      : []),
    ...(text.includes('"finalBackupConfig"')
      ? [
          "Cloud SQL keeps a last backup of the database for a while, at a small cost: delete it when you need it no more.",
        ]
      : []),
    // https://cloud.google.com/run/docs/configuring/vpc-direct-vpc#ip-allocation
    ...(text.includes('"vpcAccess"')
      ? ["Cloud Run gives the addresses in your subnet back within two hours; until then the subnet cannot be deleted."]
      : []),
  ];
}
