import type { LedgerData, Run } from "../../cloud.ts";
import {
  type ApiRequest,
  type Condition,
  outputKey,
  type PublicAccessMode,
  type Reference,
  shortId,
} from "../stack.ts";
import type { ApiResponse, Client, ResolvedRequest } from "./api/client.ts";
import { getPath, getString } from "./api/json-path.ts";
import { type Resolver, resolveRequest } from "./resolve-values.ts";

/** The data that the references of a request are resolved from. */
export interface ResolveScope {
  /** Returns the ledger data of a step. */
  dataOf(step: string): LedgerData;
  /** The value of the reference `attempt`. */
  generation: number;
  /** The HMAC key being created or deleted, with its secret. */
  key?: ApiResponse;
}

/** Creates a function that creates a step's resolver. Values that do not change are fetched only once per run. */
export function createResolver(
  run: Run,
  project: string,
  client: Client,
  callUntilPropagated: (request: ResolvedRequest, signal: AbortSignal) => Promise<ApiResponse>,
  addSecret: (text: string) => void,
): (scope: ResolveScope, signal: AbortSignal) => Resolver {
  const memoizedValues = new Map<string, Promise<string>>();
  /** Fetches a value that does not change only once. */
  const memoize = (key: string, fetchValue: () => Promise<string>) => {
    const cached = memoizedValues.get(key) ?? fetchValue();
    memoizedValues.set(key, cached);
    cached.catch(() => memoizedValues.delete(key));
    return cached;
  };

  const projectNumber = (signal: AbortSignal) =>
    memoize("number", async () => {
      const name = `projects/${project}`;
      const response = await callUntilPropagated(
        { api: "cloudresourcemanager", method: "projects.get", params: { name } },
        signal,
      );
      return getString(response, "name").replace("projects/", "");
    });

  const publicAccessMode = (signal: AbortSignal) =>
    memoize("opening", async () => {
      const name = `projects/${project}/policies/run.managed.requireInvokerIam`;
      const request = { api: "orgpolicy", method: "projects.policies.getEffectivePolicy", params: { name } } as const;
      // Without permission to read policies, only the creation shows whether one forbids it.
      const policy = await client.callWithRetry(request, signal).catch(() => ({}));
      const rules = getPath(policy, "spec.rules");
      const enforced = Array.isArray(rules) && rules.some((rule) => getPath(rule, "enforce") === true);
      return (enforced ? "granted" : "unchecked") satisfies PublicAccessMode;
    });

  return (scope, signal) => {
    const resolver: Resolver = {
      resolve: (reference) => resolve(reference),
      async test(when: Condition) {
        if ("given" in when) return (run.env[when.given] ?? "") !== "";
        return (await publicAccessMode(signal)) === when.opening;
      },
    };
    async function resolve(reference: Reference): Promise<string> {
      if ("secret" in reference) return run.deriveSecret(reference.secret);
      if ("key" in reference) return keyField(scope.key, reference.key);
      if ("read" in reference) return readSecret(reference.read, reference.at);
      if ("told" in reference) {
        const [step, resource, field] = reference.told;
        const output = scope.dataOf(step)[outputKey(resource, field)];
        if (output === undefined || output === null)
          throw new MissingOutput(`${step} has no output ${resource}.${field}`);
        return `${output}`;
      }
      if ("answer" in reference) {
        const value = run.env[reference.answer] ?? "";
        const { late: deferred } = reference;
        if (!deferred || value !== deferred.text) return value;
        const parts = await Promise.all(
          deferred.parts.map((part) => (typeof part === "string" ? part : resolve(part))),
        );
        return parts.join("");
      }
      switch (reference.is) {
        case "project":
          return project;
        case "number":
          return projectNumber(signal);
        case "region":
          return run.plan.region;
        case "id":
          return shortId(run.id);
        case "deployment":
          return run.id;
        case "attempt":
          return `${scope.generation}`;
        default:
          return networkPath(run, project, reference.is);
      }
    }
    async function readSecret(request: ApiRequest, path: string): Promise<string> {
      const value = getString(await callUntilPropagated(await resolveRequest(request, resolver), signal), path);
      addSecret(value);
      return value;
    }
    return resolver;
  };
}

/** A request needs an output of a resource that was never created. */
export class MissingOutput extends Error {
  override name = "MissingOutput";
}

const keyField = (key: ApiResponse | undefined, path: string): string => {
  if (!key) throw new Error(`No key is being created or deleted that has ${path}`);
  return getString(key, path);
};

/** Subnets of the default network have its name. */
function networkPath({ access, plan: { region } }: Run, project: string, kind: "network" | "subnet"): string {
  const { network = "default", subnet = network.split("/").at(-1) ?? "default" } = access;
  const name = kind === "network" ? network : subnet;
  if (name.includes("/")) return name;
  return kind === "network"
    ? `projects/${project}/global/networks/${name}`
    : `projects/${project}/regions/${region}/subnetworks/${name}`;
}
