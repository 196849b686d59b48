import { z } from "zod";
import { Settings } from "./settings.ts";

// The cloud-neutral description of an app. Every name here is part of the public contract.

const EnvName = z.string().meta({ description: "The name of an environment variable" });

/** Any JSON value. */
export const Json = z.json();

export const Size = z.enum(["S", "M", "L", "XL"]);
export type Size = z.infer<typeof Size>;

export const Source = z.object({
  host: z.enum(["github.com", "local"]),
  owner: z.string(),
  repo: z.string(),
  ref: z.string().meta({ description: "The branch, tag or commit that was asked for" }),
  commit: z.string().meta({ description: "The commit it was when we looked; everything after is pinned to it" }),
  path: z.string().meta({ description: "The folder of the app inside the repository, without slashes at the ends" }),
});
export type Source = z.infer<typeof Source>;

export const Build = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("image"), image: z.string() }),
  z.object({
    kind: z.literal("dockerfile"),
    dockerfile: z.string(),
    context: z.string(),
    args: z.record(z.string(), z.string()).optional(),
  }),
  z.object({
    kind: z.literal("buildpacks"),
    builder: z.string().nullable(),
    buildpacks: z.array(z.string()),
    language: z.string().nullable().meta({ description: "node, python, ruby, ...: what the files say it is" }),
  }),
  z.object({
    kind: z.literal("command"),
    command: z.string().nullable(),
    publish: z.string().nullable().meta({ description: "The folder of a static site, served as it is" }),
  }),
]);
export type Build = z.infer<typeof Build>;

export const Volume = z.object({
  name: z.string(),
  mount: z.string().meta({ description: "The path inside the container" }),
  size: z.number().positive().meta({ description: "GB" }),
});
export type Volume = z.infer<typeof Volume>;

const Entrypoint = z
  .array(z.string())
  .nullable()
  .meta({ description: "Arguments that replace the image's ENTRYPOINT and its CMD; null: the image's own" });

/** A shell line runs as `/bin/sh -c LINE`, in place of the image's ENTRYPOINT unless `entrypoint` is set. */
const Command = z
  .union([z.string(), z.array(z.string())])
  .meta({ description: "A shell line, or the arguments that replace the image's CMD" });
export type Command = z.infer<typeof Command>;

export const Service = z.object({
  name: z.string(),
  entrypoint: Entrypoint,
  command: Command.nullable().meta({ description: "null: the image's or buildpack's own" }),
  port: z.int().nullable(),
  public: z.boolean(),
  size: Size,
  scale: z.object({ min: z.int().nonnegative(), max: z.int().nonnegative() }),
  health: z
    .object({
      path: z.string(),
      grace: z.number().positive().optional().meta({ description: "Seconds it may take to answer first" }),
      timeout: z.number().positive().optional().meta({ description: "Seconds it may take to answer" }),
    })
    .nullable(),
  build: Build.optional().meta({ description: "What it is built from, when that is not the app's build" }),
  env: z.record(EnvName, z.string()).optional().meta({ description: "Values that only this service has" }),
  volumes: z.array(Volume).optional().meta({ description: "Folders that outlive it" }),
});
export type Service = z.infer<typeof Service>;

export const Job = z.object({
  name: z.string(),
  entrypoint: Entrypoint,
  command: Command,
  when: z.enum(["release", "first", "schedule"]),
  schedule: z.string().nullable().meta({ description: "Five cron fields, UTC" }),
  timeout: z.number().positive().optional().meta({ description: "Seconds" }),
  size: Size.optional(),
});
export type Job = z.infer<typeof Job>;

export const ResourceType = z.enum(["postgres", "mysql", "redis", "bucket", "smtp", "mongodb", "memcached", "amqp"]);
export type ResourceType = z.infer<typeof ResourceType>;

export const Resource = z.object({
  name: z.string(),
  type: ResourceType,
  version: z.string().nullable(),
  size: Size,
  env: z.record(EnvName, z.string()).meta({ description: "Variables it fills; ${url}, ${host}, ... are its outputs" }),
  options: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .optional()
    .meta({
      description: "What the manifest wishes beyond that (storage, ha, extensions, ...); clouds use what they know",
    }),
});
export type Resource = z.infer<typeof Resource>;

export const Generator = z.object({
  kind: z.enum(["hex", "base64", "uuid", "password"]),
  length: z.int().positive().meta({ description: "Characters of the result" }),
  alphabet: z.string().optional().meta({ description: "The characters a password is made of" }),
});
export type Generator = z.infer<typeof Generator>;

export const Variable = z.object({
  name: EnvName,
  description: z.string(),
  type: z.enum(["text", "multiline", "boolean", "number", "url", "email"]),
  required: z.boolean(),
  default: z.string().nullable(),
  placeholder: z
    .string()
    .nullable()
    .meta({ description: "An example the manifest gives that nobody could mean as it is" }),
  secret: z.boolean(),
  generator: Generator.nullable(),
  options: z.array(z.string()).nullable(),
});
export type Variable = z.infer<typeof Variable>;

/** Overrides for one cloud; absent fields keep their value. */
export const Override = z.object({
  supported: z.boolean().optional(),
  services: z
    .record(
      z.string(),
      Service.pick({ entrypoint: true, command: true, port: true, size: true, scale: true }).partial(),
    )
    .optional(),
  resources: z.record(z.string(), Resource.pick({ version: true, size: true, options: true }).partial()).optional(),
  options: z.record(z.string(), Json).optional().meta({ description: "For that cloud alone to understand" }),
});
export type Override = z.infer<typeof Override>;

export const App = z.object({
  name: z.string(),
  slug: z.string().meta({ description: "Lower case, a-z 0-9 and dashes, starts with a letter, at most 30 long" }),
  description: z.string(),
  website: z.string(),
  logo: z.string(),
  keywords: z.array(z.string()),
  source: Source,
  read: z.array(z.string()),
  build: Build,
  services: z.array(Service),
  jobs: z.array(Job),
  resources: z.array(Resource),
  variables: z.array(Variable),
  success: z.string().nullable(),
  env: z.record(EnvName, z.string()).optional().meta({
    description: "Values nobody is asked for; ${app.url}, ${app.host}, ${service.NAME.host} may stand in them",
  }),
  overrides: z.record(z.string(), Override).optional().meta({ description: "By cloud" }),
  settings: Settings.optional().meta({
    description: "What its maintainers decide about its page, as the manifest says",
  }),
});
export type App = z.infer<typeof App>;
