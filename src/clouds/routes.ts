import type { App } from "../app.ts";
import type { Plan } from "../plan.ts";

// What one cloud answers besides what every cloud has. HTTP itself and the markup are for the floors above.

/** A page that shows how to prepare access. In `text`, `code` and **strong** are marked as in Markdown. */
export interface SetupPage {
  title: string;
  lead: string;
  /** Shown instead of methods when access cannot be granted on this server. */
  unavailable: string;
  methods: SetupMethod[];
  /** What is granted, one item each. */
  permissions: { title: string; items: string[]; note: string };
  /** What to do without granting access. */
  alternative: { title: string; text: string };
}

/** One way to prepare access: by the cloud's own console, a command, or a document. */
export interface SetupMethod {
  title: string;
  explanation: string;
  console: { label: string; url: string } | null;
  /** `before` is the beginning of a sentence, in front of "run:". */
  command: { before: string; label: string; line: string };
  document: { before: string; label: string; url: string; after: string };
  /** What to do when it is done. */
  next: string;
}

export type CloudResponse =
  | { kind: "page"; json: Record<string, unknown>; page: SetupPage }
  | { kind: "text"; body: string }
  | { kind: "file"; body: string; type: string; name: string }
  | { kind: "redirect"; url: string };

interface CloudRoute<Handle> {
  /** The last part of the URL. */
  path: string;
  /** null: not found. Throws an `OperationalError` when the cloud refuses. */
  handle: Handle;
}

export interface SetupRequest {
  query: Record<string, string>;
  /** The secret key by which this browser is known, created when it has none. */
  visitorKey(): string;
}

/** Below `/connect/CLOUD`; an empty path is that page itself. */
export type SetupRoute = CloudRoute<(request: SetupRequest) => Promise<CloudResponse | null>>;

/** Where a plan's page is. */
export interface PlanLocation {
  path: string;
  query: string;
}

/** Below the page of a plan, `/HOST/OWNER/REPO/CLOUD`: how to carry it out without granting us access. */
export type PlanRoute = CloudRoute<(app: App, plan: Plan, at: PlanLocation) => Promise<CloudResponse | null>>;
