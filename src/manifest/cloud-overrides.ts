import type { App } from "../app.ts";

/** The app as one cloud is meant to run it, with what the manifest says for that cloud alone. */
export function forCloud(app: App, cloud: string): App {
  const overrides = app.overrides;
  const override = overrides && Object.hasOwn(overrides, cloud) ? overrides[cloud] : undefined;
  if (override === undefined) return app;
  return {
    ...app,
    services: app.services.map((service) => ({ ...service, ...override.services?.[service.name] })),
    resources: app.resources.map((resource) => {
      const resourceOverride = override.resources?.[resource.name];
      return {
        ...resource,
        ...resourceOverride,
        ...(resourceOverride?.options ? { options: { ...resource.options, ...resourceOverride.options } } : {}),
      };
    }),
  };
}
