import type { Stack } from "../stack.ts";

/** What stays in a project when everything is taken away, and why. */
export function retainedResources({ steps }: Pick<Stack, "steps">): string[] {
  const acts = steps.flatMap(({ resources }) => resources.flatMap((one) => (one.kind === "act" ? [one.start] : [])));
  const enables = acts.some(({ method }) => method === "services.batchEnable");
  const builds = acts.some(({ api, method }) => api === "cloudbuild" && method.endsWith("builds.create"));
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
