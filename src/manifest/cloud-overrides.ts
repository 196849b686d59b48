import type { App } from "../app.ts";

/** Returns the app with the manifest's overrides for one cloud applied. */
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
