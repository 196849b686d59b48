import type { Deployment, StepState } from "../../src/plan.ts";
import type { CloudSummary } from "../cloud.ts";
import type { Page } from "../layout.ts";

export interface DeploymentPage extends Page {
  deployment: Deployment;
  /** `path` is the app page, with its query. */
  app: { name: string; logo: string; path: string };
  cloud: CloudSummary;
  /** `elapsed` in milliseconds; null if not started or not known. */
  steps: { name: string; title: string; state: StepState; message: string; elapsed: number | null }[];
  /** The latest lines, oldest first. */
  log: string[];
  /** The id of the last event included in this page. */
  lastEvent: number;
  /** Sentences on what was cleaned up and what remains. */
  notes: string[];
  canRetry: boolean;
  /** Until when access is kept for a retry, ISO 8601. */
  retryUntil: string | null;
  now: Date;
  /** Who caused the failure, if known. */
  fault?: "app" | "cloud" | "slipway";
  /** Whether the removal needs access again. */
  needsAccess?: boolean;
  /** Set when access has expired: where to reconnect, and the account reconnected in this browser. */
  reconnect?: { connect: string; account: string | null };
  /** Whether the removal failed, not the deployment. */
  wasRemoval?: boolean;
}
