import { mask } from "../../../mask.ts";
import { OperationalError, type Run } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Stack } from "../stack.ts";
import { type ApiResponse, type Client, client, type ResolvedRequest } from "./api/client.ts";
import { retryUntilPropagated } from "./api/retry-propagation.ts";
import { createResolver, type ResolveScope } from "./create-resolver.ts";
import type { Resolver } from "./resolve-values.ts";

/** Everything that one run works with. */
export interface RunContext {
  dependencies: Dependencies;
  run: Run;
  stack: Stack;
  project: string;
  client: Client;
  /** Calls an API, and retries what is throttled, lost or has not propagated yet. */
  call(request: ResolvedRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** Creates a resolver for the requests of a step. */
  resolver(scope: ResolveScope, signal: AbortSignal): Resolver;
  /** Hides secrets in foreign text. */
  mask(text: string): string;
  /** The failures, by step. */
  failures: Map<string, OperationalError>;
  /** Adds a secret that `mask` hides. */
  addSecret(text: string): void;
}

export function createRunContext(dependencies: Dependencies, run: Run): RunContext {
  const stack = run.plan.stack as unknown as Stack;
  const { token = "", project = "" } = run.access;
  const api = client(dependencies, { token, project });
  const secrets = new Set([token, ...secretsIn(stack, run)]);
  const callUntilPropagated = (request: ResolvedRequest, signal: AbortSignal) =>
    retryUntilPropagated(dependencies, () => api.call(request), signal);
  const addSecret = (text: string) => void secrets.add(text);
  return {
    dependencies,
    run,
    stack,
    project,
    client: api,
    call: callUntilPropagated,
    resolver: createResolver(run, project, api, callUntilPropagated, addSecret),
    mask: (text) => mask(secrets)(text),
    failures: new Map(),
    addSecret,
  };
}

/** Returns every derived secret, and every answer that may be one. */
function secretsIn(stack: Stack, run: Run): string[] {
  const secrets: string[] = run.app.variables.flatMap(({ name, secret, generator }) =>
    secret || generator ? (run.env[name] ?? []) : [],
  );
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const child of Object.values(value)) visit(child);
    if ("secret" in value && typeof value.secret === "string" && Object.keys(value).length === 1)
      secrets.push(run.deriveSecret(value.secret));
  };
  visit(stack);
  return secrets;
}

/** Throws an OperationalError unless there are a token and a project. */
export function requireAccess({ access }: Run, next: string) {
  if (!access.token || !access.project)
    throw new OperationalError("Access to this project is no longer lent.", next, { lapsed: true });
}
