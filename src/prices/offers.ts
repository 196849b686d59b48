import type { App } from "../app.ts";
import type { Cloud } from "../clouds/cloud.ts";
import type { Choice, Plan, Remark } from "../plan.ts";
import { defaultPreset, isOffered, type Settings } from "../settings.ts";

/** An app's plan on one cloud. */
export interface Offer {
  cloud: Cloud;
  choice: Choice;
  plan: Plan;
  remarks: Remark[];
  /** False if a remark says that the cloud lacks something the app needs. */
  isDeployable: boolean;
}

export const offer = (cloud: Cloud, app: App, choice: Choice): Offer => {
  const remarks = cloud.support(app);
  const isDeployable = remarks.every((remark) => remark.level !== "missing");
  return { cloud, choice, plan: cloud.compile(app, choice), remarks, isDeployable };
};

/** Returns an offer per cloud, at its first region and the usual preset: deployable ones first, then cheapest first. */
export const offers = (clouds: Cloud[], app: App, settings: Settings): Offer[] =>
  clouds
    .filter(({ id }) => isOffered(settings, id))
    .map((cloud) => offer(cloud, app, { region: cloud.regions[0]?.id ?? "", preset: settings.preset ?? defaultPreset }))
    .sort((a, b) => Number(b.isDeployable) - Number(a.isDeployable) || price(a) - price(b));

const price = ({ plan }: Offer) => plan.monthly ?? Number.POSITIVE_INFINITY;
