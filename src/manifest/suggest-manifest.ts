import type { App, Job, Override, Resource, Service, Size, Variable } from "../app.ts";

const dynos: Record<Size, string> = { S: "basic", M: "standard-2x", L: "performance-m", XL: "performance-l" };
const plans: Partial<Record<Resource["type"], [string, string]>> = {
  postgres: ["heroku-postgresql", "DATABASE_URL"],
  redis: ["heroku-redis", "REDIS_URL"],
};

type Json = { [key: string]: unknown };

/**
 * The app.json we would write for an app: read again, it gives the same app. Services that are built from sources of
 * their own have no place in it.
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
    env: Object.fromEntries(app.variables.map((one) => [one.name, variableOf(one)])),
    formation: Object.fromEntries(
      app.services.map((one) => [one.name, { quantity: one.scale.min, size: dynos[one.size] }]),
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

/** What Heroku's own keys cannot say. */
function cloudOf(app: App): Json {
  const { build } = app;
  const plainBuild = Object.keys(buildOf(app)).length > 0 || (build.kind === "buildpacks" && build.builder === null);
  const { kind, ...rest } = build;
  const built =
    build.kind === "image"
      ? { image: build.image }
      : plainBuild
        ? {}
        : { build: withoutNull({ ...rest, language: undefined }) };
  const services = Object.fromEntries(
    app.services.map((one) => [one.name, serviceOf(one)]).filter(([, said]) => Object.keys(said as Json).length > 0),
  );
  const resources = Object.fromEntries(
    app.resources.filter((one) => !isAddon(one)).map((one) => [one.name, resourceOf(one)]),
  );
  const jobs = Object.fromEntries(app.jobs.map((one) => [one.name, jobOf(one)]));
  const volumes = Object.fromEntries(
    app.services.flatMap(({ name, volumes }) =>
      (volumes ?? []).map((one) => [one.name, { mount: one.mount, size: one.size, service: name }]),
    ),
  );
  const env = {
    ...Object.fromEntries(app.variables.filter(needsMore).map((one) => [one.name, moreOf(one)])),
    ...Object.fromEntries(Object.entries(app.env ?? {}).map(([name, value]) => [name, { value }])),
  };
  const providers = Object.fromEntries(Object.entries(app.overrides ?? {}).map(([id, one]) => [id, providerOf(one)]));
  return withoutEmpty({ ...built, services, resources, jobs, env, volumes, providers, settings: app.settings ?? {} });
}

const withoutNull = (object: Json): Json =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
const withoutEmpty = (object: Json): Json =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => typeof value !== "object" || Object.keys(value as Json).length > 0),
  );

function serviceOf(service: Service): Json {
  const { name, command, port, public: open, scale, health, env, build } = service;
  const image = build?.kind === "image" ? build.image : undefined;
  return withoutNull({
    command,
    port: port === 8080 && open ? null : port,
    public: open === (name === "web") ? null : open,
    scale: scale.max === scale.min ? null : scale,
    health: health && Object.keys(health).length === 1 ? health.path : health,
    image,
    env,
  });
}

/** `backup.retain` as it is written: inside `backup`. */
function wishesOf(options: Resource["options"] = {}): Json {
  const { "backup.retain": retain, "backup.pitr": pitr, ...wishes } = options;
  const backup = withoutNull({ retain, pitr });
  return Object.keys(backup).length > 0 ? { ...wishes, backup } : wishes;
}

function providerOf({ supported, services = {}, resources = {}, options }: Override): Json {
  const named = Object.entries(resources).map(([name, { options: wishes, ...one }]) => [
    name,
    { ...one, ...wishesOf(wishes) },
  ]);
  return withoutEmpty(withoutNull({ ...options, supported, services, resources: Object.fromEntries(named) }));
}

function resourceOf({ type, version, size, env, options }: Resource): Json {
  return withoutNull({ type, version, size: size === "S" ? null : size, ...wishesOf(options), env });
}

/** Heroku's own add-on says all of it. */
function isAddon({ type, name, env, size, options }: Resource): boolean {
  const plan = plans[type];
  const usual = name === (type === "postgres" ? "database" : "redis");
  return (
    plan !== undefined &&
    usual &&
    size === "S" &&
    options === undefined &&
    Object.entries(env).every(([key, value]) => key === plan[1] && value === "${url}")
  );
}

const addonOf = ({ type, version }: Resource): string | Json => {
  const [plan = ""] = plans[type] ?? [];
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

const isUsual = ({ generator }: Variable): boolean =>
  generator === null || (generator.kind === "hex" && generator.length === 64);
const needsMore = (one: Variable): boolean =>
  !isUsual(one) || (one.options !== null && one.options.join() !== "True,False");

const moreOf = ({ generator, options }: Variable): Json =>
  withoutNull({
    ...(generator ? { generator: generator.kind, length: generator.length, alphabet: generator.alphabet } : {}),
    options,
  });

function jobOf({ command, when, schedule, timeout, size }: Job): Json {
  return withoutNull({ command, when: schedule === null ? when : null, schedule, timeout, size });
}
