import { z } from "zod";
import { ResourceType, Size } from "../../app.ts";
import { Settings } from "../../settings.ts";

// The documented manifest, and the source of /schema.json.

const text = (description: string) => z.string().meta({ description });
const Port = z.int().min(1).max(65_535);
const Path = z.string().startsWith("/", { error: "Write a path that begins with `/`." });
const Env = z.record(z.string(), z.string());

const Scale = z
  .union(
    [
      z.int().min(0).max(1000),
      z.strictObject({
        min: z.int().min(0).max(1000).optional(),
        max: z.int().min(1).max(1000).optional(),
        cpu: z.number().min(1).max(100).optional().meta({ description: "Percent of CPU to scale at" }),
        requests: z.number().min(1).optional().meta({ description: "Requests at once to scale at" }),
      }),
    ],
    { error: 'Write a number, or { "min": 1, "max": 4 }.' },
  )
  .meta({ description: "How many run at once" });

const Health = z
  .union(
    [
      Path,
      z.strictObject({
        path: Path,
        grace: z.number().positive().optional().meta({ description: "Seconds it may take to answer first" }),
        timeout: z.number().positive().optional().meta({ description: "Seconds it may take to answer" }),
      }),
    ],
    { error: 'Write a path such as "/up", or { "path": "/up", "grace": 60 }.' },
  )
  .meta({ description: "The path that answers when the service is well" });

const ResourceSize = {
  size: Size.optional(),
  cpu: z.number().positive().optional().meta({ description: "CPUs, instead of a size" }),
  memory: z.number().positive().optional().meta({ description: "MB, instead of a size" }),
};

const Args = z.array(z.string()).min(1);
const Command = z.union([z.string(), Args], {
  error: 'Write a shell line, or a list of arguments: ["bin/web", "--port"].',
});

const Service = z.strictObject({
  entrypoint: Args.optional().meta({ description: "Arguments that replace the image's ENTRYPOINT and CMD" }),
  command: Command.optional().meta({ description: "What it runs; without it, what the image or the buildpack starts" }),
  port: Port.optional(),
  public: z.boolean().optional().meta({ description: "Whether the world reaches it" }),
  ...ResourceSize,
  scale: Scale.optional(),
  health: Health.optional(),
  image: text("Runs this image instead of what the app builds").optional(),
  env: Env.optional().meta({ description: "Values that only this service has" }),
});

const resourceOptions = {
  storage: z.number().positive().optional().meta({ description: "GB" }),
  ha: z.boolean().optional().meta({ description: "A standby in another zone" }),
  backup: z
    .strictObject({
      retain: z.int().min(0).max(365).optional().meta({ description: "Days" }),
      pitr: z.boolean().optional().meta({ description: "Back to any moment" }),
    })
    .optional(),
  extensions: z.array(z.string()).optional(),
  eviction: text("What Redis does when it is full").optional(),
  tls: z.union([z.enum(["required", "optional", "off"]), z.boolean()]).optional(),
  cluster: z.boolean().optional(),
  public: z.boolean().optional().meta({ description: "Whether a bucket's files are for everyone" }),
  class: text("The cloud's own name for what it runs on").optional(),
};

const Version = z.union([z.string(), z.number()], { error: 'Write a version such as "17".' });

const Resource = z.strictObject({
  type: ResourceType.optional().meta({ description: "Needed unless the rest of the manifest says it already" }),
  version: Version.optional(),
  size: Size.optional(),
  ...resourceOptions,
  env: Env.optional().meta({ description: "Variables it fills; ${url}, ${host}, … stand for what it is" }),
});

const Job = z.strictObject({
  entrypoint: Args.optional(),
  command: Command,
  when: z.enum(["release", "first", "schedule"]).optional(),
  schedule: text("Five cron fields, UTC").optional(),
  tz: z.literal("UTC", { error: 'Schedules are in UTC: write "UTC", or leave it out.' }).optional(),
  timeout: z.number().positive().optional().meta({ description: "Seconds" }),
  size: Size.optional(),
});

const Variable = z.union(
  [
    z.string(),
    z.number(),
    z.boolean(),
    z.strictObject({
      value: z.union([z.string(), z.number(), z.boolean()]).optional(),
      description: z.string().optional(),
      required: z.boolean().optional(),
      secret: z.boolean().optional(),
      type: z.enum(["text", "multiline", "boolean", "number", "url", "email"]).optional(),
      options: z.array(z.string()).min(1).optional(),
      placeholder: text("An example of what to write").optional(),
      generator: z.enum(["hex", "base64", "uuid", "password"]).optional(),
      length: z.int().min(8).max(4096).optional().meta({ description: "Characters of what is generated" }),
      alphabet: z.string().min(10).max(200).optional().meta({ description: "What a password is made of" }),
    }),
  ],
  { error: 'Write a value, or { "generator": "hex" } and the like.' },
);

const Volume = z.strictObject({
  mount: Path,
  size: z.number().positive().optional().meta({ description: "GB" }),
  service: text("The service it belongs to").optional(),
});

const Provider = z.looseObject({
  supported: z.boolean().optional(),
  services: z
    .record(
      z.string(),
      Service.pick({
        entrypoint: true,
        command: true,
        port: true,
        size: true,
        cpu: true,
        memory: true,
        scale: true,
      }),
    )
    .optional(),
  resources: z
    .record(z.string(), z.strictObject({ version: Version.optional(), size: Size.optional(), ...resourceOptions }))
    .optional(),
});

export const Cloud = z
  .strictObject({
    version: z.literal(1).optional(),
    image: text("Runs this image, and builds nothing").optional(),
    build: z
      .strictObject({
        dockerfile: z.string().optional(),
        context: z.string().optional(),
        builder: text("The image of a buildpack builder").optional(),
        buildpacks: z.array(z.string()).optional(),
        command: text("Builds a static site").optional(),
        publish: text("The folder of a static site").optional(),
        args: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    services: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,60}$/), Service).optional(),
    resources: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,59}$/), Resource).optional(),
    jobs: z.record(z.string(), Job).optional(),
    env: z.record(z.string(), Variable).optional(),
    volumes: z.record(z.string(), Volume).optional(),
    providers: z.record(z.string(), Provider).optional().meta({ description: "What is different on one cloud" }),
    settings: Settings.optional().meta({ description: "What its maintainers decide about its page" }),
  })
  .meta({ description: "What refines the rest of the manifest. Keys that begin with `x-` are free." });
export type Cloud = z.infer<typeof Cloud>;

const HerokuVariable = z.union([
  z.string(),
  z.looseObject({
    description: z.string().optional(),
    value: z.string().optional(),
    required: z.boolean().optional().meta({ description: "true when it is left out" }),
    generator: z.literal("secret").optional(),
    order: z.int().optional(),
  }),
]);

export const Manifest = z.looseObject({
  name: z.string().optional(),
  description: z.string().optional(),
  website: z.url().optional(),
  repository: z.url().optional(),
  logo: z.url().optional(),
  keywords: z.array(z.string()).optional(),
  success_url: text("Where to go when it runs: a path of the app, or an address").optional(),
  env: z.record(z.string(), HerokuVariable).optional(),
  addons: z
    .array(
      z.union([
        z.string(),
        z.looseObject({
          plan: z.string(),
          as: z.string().optional(),
          options: z.record(z.string(), z.json()).optional(),
        }),
      ]),
    )
    .optional(),
  formation: z
    .record(z.string(), z.looseObject({ quantity: z.int().min(0).optional(), size: z.string().optional() }))
    .optional(),
  buildpacks: z.array(z.looseObject({ url: z.string() })).optional(),
  stack: z.string().optional(),
  image: z.string().optional(),
  scripts: z.looseObject({ postdeploy: z.string().optional() }).optional(),
  cron: z.array(z.looseObject({ command: z.string(), schedule: z.string() })).optional(),
  cloud: Cloud.optional(),
});

/** Returns the JSON Schema of `app.json` and `slipway.json`, for editors. */
export const manifestSchema = (origin: string): Record<string, unknown> => ({
  ...z.toJSONSchema(Manifest, { target: "draft-2020-12" }),
  $id: `${origin}/schema.json`,
  title: "Manifest of an app: app.json or slipway.json",
});
