const region = <Id extends string>(id: Id, name: string) => ({ id, name });

/** Where apps can run. The first one is the default; each has its prices in prices.ts. */
export const regions = [
  region("us-east-1", "US East (N. Virginia)"),
  region("eu-west-1", "Europe (Ireland)"),
  region("eu-central-1", "Europe (Frankfurt)"),
  region("ap-south-1", "Asia Pacific (Mumbai)"),
  region("ap-southeast-1", "Asia Pacific (Singapore)"),
];

export type RegionId = (typeof regions)[number]["id"];
