/** Where apps can run, each with prices in prices.ts; the first is what nobody has chosen. */
export const regions = [
  { id: "us-central1", name: "Iowa" },
  { id: "us-east1", name: "South Carolina" },
  { id: "europe-west1", name: "Belgium" },
  { id: "europe-west3", name: "Frankfurt" },
  { id: "asia-south1", name: "Mumbai" },
  { id: "asia-southeast1", name: "Singapore" },
];
