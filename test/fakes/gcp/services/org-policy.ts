import type { Handler } from "../google.ts";

export const orgpolicy: Record<string, Handler> = {
  "projects.policies.getEffectivePolicy": ({ project, params }) => {
    const constraint = params.name?.split("/").at(-1) ?? "";
    const inEffect = project.constraints.get(constraint);
    const rules = !inEffect
      ? [/(require|disable|restrict|skip)/i.test(constraint) ? { enforce: false } : { allowAll: true }]
      : "enforce" in inEffect
        ? [{ enforce: inEffect.enforce }]
        : "deny" in inEffect
          ? [{ values: { deniedValues: inEffect.deny } }]
          : [{ values: { allowedValues: inEffect.allow } }];
    return { name: `projects/${project.number}/policies/${constraint}`, spec: { rules } };
  },
};
