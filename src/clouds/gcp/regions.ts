const list = [
  { id: "us-central1", name: "Iowa" },
  { id: "us-east1", name: "South Carolina" },
  { id: "europe-west1", name: "Belgium" },
  { id: "europe-west3", name: "Frankfurt" },
  { id: "asia-south1", name: "Mumbai" },
  { id: "asia-southeast1", name: "Singapore" },
] as const;

export type RegionId = (typeof list)[number]["id"];

/** The regions that apps can be deployed to; the first is the default. prices.ts has the rates of each. */
export const regions: { id: RegionId; name: string }[] = [...list];
