import type { App, Job } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Choice, Plan } from "../../../plan.ts";
import { asOf, lines, products } from "../prices.ts";
import type { Stack } from "../stack.ts";
import { hasAddress } from "./interpolation.ts";
import { isManaged } from "./variables.ts";

export function compile(original: App, { region, preset }: Choice): Plan {
  const app = forCloud(original, "local");
  const uniqueName = createNamer(["source", "build", "schedule", "health"]);
  const jobs = (when: Job["when"]) => app.jobs.filter((job) => job.when === when);
  const stack: Stack = {
    build: app.build,
    resources: app.resources.flatMap(({ name, type, env }) =>
      isManaged(type) ? [{ step: uniqueName(name, "resource"), name, type, env }] : [],
    ),
    jobs: [...jobs("release"), ...jobs("first")].map(({ name, entrypoint, command, timeout }) => ({
      step: uniqueName(name, "job"),
      name,
      entrypoint,
      command,
      ...(timeout === undefined ? {} : { timeout }),
    })),
    schedule: jobs("schedule").map(({ name, entrypoint, command, schedule, timeout }) => ({
      name,
      entrypoint,
      command,
      cron: schedule ?? "",
      ...(timeout === undefined ? {} : { timeout }),
    })),
    services: app.services
      .filter(({ scale }) => scale.max > 0)
      .map(({ name, entrypoint, command, port, public: isPublic, health, build, env, volumes }) => ({
        step: uniqueName(name, "service"),
        name,
        entrypoint,
        command,
        port,
        public: isPublic,
        health,
        ...(build ? { build } : {}),
        ...(env ? { env } : {}),
        ...(volumes ? { volumes } : {}),
      })),
    env: app.env ?? {},
    late: Object.fromEntries(
      app.variables.flatMap(({ name, default: value }) => (value !== null && hasAddress(value) ? [[name, value]] : [])),
    ),
  };
  const steps = [
    { name: "source", title: "Fetch the source" },
    ...stack.resources.map(({ step, name, type }) => ({ name: step, title: `${products[type]} for ${name}` })),
    { name: "build", title: "Build" },
    ...stack.jobs.map(({ step, name }) => ({ name: step, title: `Run the job ${name}` })),
    ...stack.services.map(({ step, name }) => ({ name: step, title: `Start ${name}` })),
    ...(stack.schedule.length > 0 ? [{ name: "schedule", title: "Start the schedule" }] : []),
    { name: "health", title: "Wait for an answer" },
  ];
  return { cloud: "local", region, preset, currency: "USD", asOf, monthly: 0, lines: lines(stack), steps, stack };
}

/** Returns names that are safe as file names, each only once. */
function createNamer(reserved: string[]) {
  const used = new Set(reserved);
  return (name: string, kind: string) => {
    const slug =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 40) || kind;
    const free = [slug, `${kind}-${slug}`].find((candidate) => !used.has(candidate));
    let unique = free ?? `${kind}-${slug}`;
    for (let count = 2; used.has(unique); count++) unique = `${kind}-${slug}-${count}`;
    used.add(unique);
    return unique;
  };
}
