/** Where apps can run, each with prices in prices.ts; the first is what nobody has chosen. */
export const regions = [
  { id: "us-east-1", name: "US East (N. Virginia)" },
  { id: "eu-west-1", name: "Europe (Ireland)" },
  { id: "eu-central-1", name: "Europe (Frankfurt)" },
  { id: "ap-south-1", name: "Asia Pacific (Mumbai)" },
  { id: "ap-southeast-1", name: "Asia Pacific (Singapore)" },
];
