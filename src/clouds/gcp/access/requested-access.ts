import type { OAuthAccess } from "../../cloud.ts";

/** The access that a visitor grants for an hour, API by API, with the reason, for the consent page. */
export const requestedAccess: OAuthAccess["requestedAccess"] = [
  {
    what: "Cloud Resource Manager, Cloud Billing",
    why: "list your projects and whether billing is on; make a new one if you say so",
  },
  { what: "Service Usage", why: "switch on the APIs that the plan needs" },
  { what: "IAM", why: "make service accounts for the build and the app, each with the few roles it needs" },
  { what: "Artifact Registry, Cloud Build", why: "build the app's image from the pinned commit, and keep it" },
  { what: "Cloud SQL, Memorystore, Cloud Storage", why: "make the database, the cache and the buckets of the plan" },
  { what: "Secret Manager", why: "put your answers and generated passwords where only the app reads them" },
  { what: "Cloud Run, Cloud Scheduler", why: "run the services, the release job and what has a schedule" },
  { what: "Cloud Logging", why: "read the build's log and why something does not start" },
  {
    what: "Compute Engine, Organization Policy",
    why: "look whether the network is there and whether public services are allowed; only looked at",
  },
];
