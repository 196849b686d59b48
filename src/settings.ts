import { z } from "zod";

/** The presets, cheapest first: the only list of them. */
export const presetOptions = [
  { id: "economy", name: "Economy", note: "the least that runs" },
  { id: "standard", name: "Standard", note: "room for everyday use" },
  { id: "production", name: "Production", note: "nothing single, nothing unprotected" },
] as const;
export const presets = presetOptions.map(({ id }) => id);
export const Preset = z.enum(presets);
export type Preset = z.infer<typeof Preset>;
export const defaultPreset: Preset = presetOptions[0].id;

export const CloudId = z.string().regex(/^[a-z]{2,20}$/);

/** The settings of a repository's page, which its maintainers write into the manifest or the settings page. */
export const Settings = z.strictObject({
  stats: z
    .enum(["public", "private"])
    .optional()
    .meta({ description: "Whether everybody sees how often it is installed; private when it is left out" }),
  allow: z.array(CloudId).max(50).optional().meta({ description: "The only clouds it is offered on" }),
  hide: z.array(CloudId).max(50).optional().meta({ description: "Clouds it is not offered on" }),
  preset: Preset.optional().meta({ description: "What is chosen until a visitor chooses something else" }),
  notes: z
    .record(CloudId, z.string().max(1000))
    .optional()
    .meta({ description: "What visitors are told about a cloud, such as what it forbids" }),
  ref: z.string().max(255).optional().meta({
    description:
      "What is deployed when the address names no ref: a branch, a tag, a commit or latest-release, which it is when left out",
  }),
});
export type Settings = z.infer<typeof Settings>;

/** Merges the settings of the page with those of the file. The page wins; `allow` and `hide` count as one setting. */
export function effectiveSettings(page: Settings, file: Settings): Settings {
  const { allow, hide, notes, ...others } = page;
  const clouds = allow || hide ? { allow, hide } : { allow: file.allow, hide: file.hide };
  return { ...file, ...others, ...clouds, ...(notes || file.notes ? { notes: { ...file.notes, ...notes } } : {}) };
}

/** Returns whether the app is offered on a cloud. */
export const isOffered = ({ allow, hide }: Settings, cloud: string): boolean =>
  (allow === undefined || allow.includes(cloud)) && !hide?.includes(cloud);

/** Returns the maintainers' note about a cloud; null if there is none. */
export const noteFor = ({ notes }: Settings, cloud: string): string | null =>
  (notes && Object.hasOwn(notes, cloud) && notes[cloud]) || null;
