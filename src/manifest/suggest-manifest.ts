import type { App, Job, Override, Resource, Service, Size, Variable } from "../app.ts";

const dynoSizes: Record<Size, string> = { S: "basic", M: "standard-2x", L: "performance-m", XL: "performance-l" };
const addonPlans: Partial<Record<Resource["type"], [string, string]>> = {
  postgres: ["heroku-postgresql", "DATABASE_URL"],
  redis: ["heroku-redis", "REDIS_URL"],
};

type Json = { [key: string]: unknown };

/**
 * Writes an app.json that reads again to the same app. Services built from sources of
 * their own cannot be expressed in it.
 */
export function suggestManifest(app: App): string {
  const cloud = cloudOf(app);
  const manifest: Json = {
    name: app.name,
    ...(app.description ? { description: app.description } : {}),
    ...(app.website ? { website: app.website } : {}),
    ...(app.source.host === "github.com"
      ? { repository: `https://github.com/${app.source.owner}/${app.source.repo}` }
      : {}),
    ...(app.logo ? { logo: app.logo } : {}),
    ...(app.keywords.length > 0 ? { keywords: app.keywords } : {}),
    ...(app.success ? { success_url: app.success } : {}),
    ...buildOf(app),
    ...(app.resources.some(isAddon) ? { addons: app.resources.filter(isAddon).map(addonOf) } : {}),
    env: Object.fromEntries(app.variables.map((variable) => [variable.name, variableOf(variable)])),
    formation: Object.fromEntries(
      app.services.map((service) => [service.name, { quantity: service.scale.min, size: dynoSizes[service.size] }]),
    ),
    ...(Object.keys(cloud).length > 0 ? { cloud } : {}),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function buildOf({ build }: App): Json {
  if (build.kind === "dockerfile" && build.dockerfile === "Dockerfile" && build.context === "." && !build.args)
    return { stack: "container" };
  if (build.kind === "buildpacks" && build.buildpacks.length > 0 && build.builder === null) {
    return { buildpacks: build.buildpacks.map((url) => ({ url })) };
  }
  return {};
}

/** Returns what Heroku's keys cannot express. */
function cloudOf(app: App): Json {
  const { build } = app;
  const plainBuild = Object.keys(buildOf(app)).length > 0 || (build.kind === "buildpacks" && build.builder === null);
  const { kind, ...options } = build;
  const built =
    build.kind === "image"
      ? { image: build.image }
      : plainBuild
        ? {}
        : { build: withoutNull({ ...options, language: undefined }) };
  const services = Object.fromEntries(
    app.services
      .map((service) => [service.name, serviceOf(service)])
      .filter(([, spec]) => Object.keys(spec as Json).length > 0),
  );
  const resources = Object.fromEntries(
    app.resources.filter((resource) => !isAddon(resource)).map((resource) => [resource.name, resourceOf(resource)]),
  );
  const jobs = Object.fromEntries(app.jobs.map((job) => [job.name, jobOf(job)]));
  const volumes = Object.fromEntries(
    app.services.flatMap(({ name, volumes }) =>
      (volumes ?? []).map((volume) => [volume.name, { mount: volume.mount, size: volume.size, service: name }]),
    ),
  );
  const env = {
    ...Object.fromEntries(app.variables.filter(needsCloudEnv).map((variable) => [variable.name, cloudEnvOf(variable)])),
    ...Object.fromEntries(Object.entries(app.env ?? {}).map(([name, value]) => [name, { value }])),
  };
  const providers = Object.fromEntries(
    Object.entries(app.overrides ?? {}).map(([id, override]) => [id, providerOf(override)]),
  );
  return withoutEmpty({ ...built, services, resources, jobs, env, volumes, providers, settings: app.settings ?? {} });
}

const withoutNull = (object: Json): Json =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
const withoutEmpty = (object: Json): Json =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => typeof value !== "object" || Object.keys(value as Json).length > 0),
  );

function serviceOf(service: Service): Json {
  const { name, entrypoint, command, port, public: isPublic, scale, health, env, build } = service;
  const image = build?.kind === "image" ? build.image : undefined;
  return withoutNull({
    entrypoint,
    command,
    port: port === 8080 && isPublic ? null : port,
    public: isPublic === (name === "web") ? null : isPublic,
    scale: scale.max === scale.min ? null : scale,
    health: health && Object.keys(health).length === 1 ? health.path : health,
    image,
    env,
  });
}

/** Nests flattened options again: `backup.retain` becomes `retain` inside `backup`. */
function nestedOptions(options: Resource["options"] = {}): Json {
  const { "backup.retain": retain, "backup.pitr": pitr, ...flat } = options;
  const backup = withoutNull({ retain, pitr });
  return Object.keys(backup).length > 0 ? { ...flat, backup } : flat;
}

function providerOf({ supported, services = {}, resources = {}, options }: Override): Json {
  const named = Object.entries(resources).map(([name, { options: wanted, ...overrides }]) => [
    name,
    { ...overrides, ...nestedOptions(wanted) },
  ]);
  return withoutEmpty(withoutNull({ ...options, supported, services, resources: Object.fromEntries(named) }));
}

function resourceOf({ type, version, size, env, options }: Resource): Json {
  return withoutNull({ type, version, size: size === "S" ? null : size, ...nestedOptions(options), env });
}

/** Returns whether a Heroku add-on expresses the resource completely. */
function isAddon({ type, name, env, size, options }: Resource): boolean {
  const plan = addonPlans[type];
  const hasDefaultName = name === (type === "postgres" ? "database" : "redis");
  return (
    plan !== undefined &&
    hasDefaultName &&
    size === "S" &&
    options === undefined &&
    Object.entries(env).every(([key, value]) => key === plan[1] && value === "${url}")
  );
}

const addonOf = ({ type, version }: Resource): string | Json => {
  const [plan = ""] = addonPlans[type] ?? [];
  return version === null ? plan : { plan, options: { version } };
};

function variableOf({ description, required, default: value, generator }: Variable): string | Json {
  if (generator) return { ...(description ? { description } : {}), generator: "secret" };
  if (value !== null && required && description === "") return value;
  return {
    ...(description ? { description } : {}),
    ...(value === null ? {} : { value }),
    ...(required ? {} : { required }),
  };
}

const isDefaultGenerator = ({ generator }: Variable): boolean =>
  generator === null || (generator.kind === "hex" && generator.length === 64);
const needsCloudEnv = (variable: Variable): boolean =>
  !isDefaultGenerator(variable) || (variable.options !== null && variable.options.join() !== "True,False");

const cloudEnvOf = ({ generator, options }: Variable): Json =>
  withoutNull({
    ...(generator ? { generator: generator.kind, length: generator.length, alphabet: generator.alphabet } : {}),
    options,
  });

function jobOf({ entrypoint, command, when, schedule, timeout, size }: Job): Json {
  return withoutNull({ entrypoint, command, when: schedule === null ? when : null, schedule, timeout, size });
}
