import { createHash } from "node:crypto";
import type { Plan } from "../../../plan.ts";
import { type Access, type AccessField, type AccessQuestions, OperationalError } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { getString, listAt } from "../provision/api/json-path.ts";
import { optionalFields } from "./connect-fields.ts";
import { type ApiCall, interactiveCall } from "./interactive-client.ts";
import { mapWithLimit } from "./limited-parallel.ts";

/** How many projects are listed with their billing state; the ID of any other can be typed. */
const maxProjects = 40;
const concurrency = 8;
/** How long to wait for the billing states, which may stay unknown. */
const billingTimeoutMs = 8000;

/** Long enough to compare a few regions. */
const cacheMs = 60_000;
const maxCachedAccounts = 200;

interface Account {
  projects: { id: string; name: string; billing: Billing }[];
  /** There are more projects than `projects` lists. */
  hasMore: boolean;
  billingAccounts: { value: string; label: string }[];
}

export type AccountLookup = ReturnType<typeof createAccountLookup>;

/** Creates a lookup of the projects and billing accounts a user can choose from, cached for a minute by a digest of the token. */
export function createAccountLookup(dependencies: Dependencies) {
  const cache = new Map<string, { until: number; account: Promise<Account> }>();
  const cacheKey = ({ token = "" }: Access) => createHash("sha256").update(token).digest("base64");

  function accountOf(access: Access): Promise<Account> {
    const key = cacheKey(access);
    const now = dependencies.now().getTime();
    const cached = cache.get(key);
    if (cached && now < cached.until) return cached.account;
    cache.delete(key);
    if (cache.size >= maxCachedAccounts) cache.delete(cache.keys().next().value ?? "");
    const account = fetchAccount(dependencies, access);
    cache.set(key, { until: now + cacheMs, account });
    account.catch(() => cache.delete(key));
    return account;
  }

  return {
    /** Returns the form fields. Throws an OperationalError. */
    async asks(access: Access, plan?: Plan): Promise<AccessQuestions> {
      const { projects, hasMore, billingAccounts } = await accountOf(access);
      return {
        fields: [...projectFields(projects, hasMore), ...otherFields(plan)],
        ...(plan ? { make: newProjectForm(billingAccounts) } : {}),
      };
    },
    /** Drops the cached account, after something was created in it. */
    forget: (access: Access) => void cache.delete(cacheKey(access)),
  };
}

/** Fetches the projects with their billing states, and the billing accounts for a new project. */
async function fetchAccount(dependencies: Dependencies, { token = "" }: Access): Promise<Account> {
  const call = interactiveCall(dependencies, { token });
  const [response, billingAccounts] = await Promise.all([
    call({
      api: "cloudresourcemanager",
      method: "projects.search",
      params: { query: "state:ACTIVE", pageSize: maxProjects },
    }),
    openBillingAccounts(call),
  ]);
  const projects = listAt(response, "projects").map((project) => ({
    id: getString(project, "projectId"),
    name: getString(project, "displayName"),
  }));
  const limits = {
    concurrency,
    timeout: (signal: AbortSignal) => dependencies.sleep(billingTimeoutMs, signal),
  };
  const billingInfos = await mapWithLimit(projects, limits, ({ id }) =>
    call({ api: "cloudbilling", method: "projects.getBillingInfo", params: { name: `projects/${id}` } }),
  );
  const sorted = projects
    .map((project, index) => ({ ...project, billing: billingState(billingInfos[index]) }))
    .sort((a, b) => billingOrder.indexOf(a.billing) - billingOrder.indexOf(b.billing) || (a.name < b.name ? -1 : 1));
  return { projects: sorted, hasMore: getString(response, "nextPageToken") !== "", billingAccounts };
}

type Billing = "on" | "off" | "unknown";
const billingOrder: Billing[] = ["on", "unknown", "off"];
const billingLabels: Record<Billing, string> = {
  on: "billing is on",
  off: "billing is off, so nothing can be made in it",
  unknown: "whether billing is on is not known",
};

function billingState(response: unknown): Billing {
  if (typeof response !== "object" || response === null) return "unknown";
  return Reflect.get(response, "billingEnabled") === true ? "on" : "off";
}

function projectFields(projects: { id: string; name: string; billing: Billing }[], hasMore: boolean): AccessField[] {
  const options = projects.map(({ id, name, billing }) => ({
    value: id,
    label: `${name && name !== id ? `${name} (${id})` : id}: ${billingLabels[billing]}`,
  }));
  const project = { name: "project", label: "Project", type: "choice" as const, options };
  const isOnlyOne = options.length === 1;
  return [
    ...(options.length > 0
      ? [{ ...project, help: "Everything is made in it, and paid by its billing account.", noDefault: !isOnlyOne }]
      : []),
    ...(options.length === 0 || hasMore
      ? [
          {
            name: "other",
            label: options.length === 0 ? "Project" : "Or another project",
            help:
              options.length === 0
                ? "You have none that we may see. Make one, or type the id of one."
                : "Its id, when it is not in the list.",
            type: "text" as const,
            optional: options.length > 0,
          },
        ]
      : []),
  ];
}

/** Returns the fields besides the project; those of the network only if the plan uses one. */
function otherFields(plan: Plan | undefined): AccessField[] {
  if (plan === undefined) return [];
  const usesNetwork = JSON.stringify(plan.stack).includes('{"is":"network"}');
  return optionalFields.filter(({ name }) => usesNetwork || (name !== "network" && name !== "subnet"));
}

async function openBillingAccounts(call: ApiCall): Promise<{ value: string; label: string }[]> {
  const response = await call({
    api: "cloudbilling",
    method: "billingAccounts.list",
    params: { filter: "open=true" },
  }).catch((error: unknown) => {
    // A user who may not list billing accounts can still deploy to a project that has one.
    if (error instanceof OperationalError && !error.lapsed) return {};
    throw error;
  });
  return listAt(response, "billingAccounts")
    .filter((account) => getString(account, "open") === "true")
    .map((account) => ({
      value: getString(account, "name"),
      label: getString(account, "displayName") || getString(account, "name"),
    }));
}

const newProjectForm = (billingAccounts: { value: string; label: string }[]): NonNullable<AccessQuestions["make"]> => ({
  title: "Make a new project for it",
  button: "Make this project",
  help:
    billingAccounts.length > 0
      ? "A project of its own keeps the app apart, and is deleted in one go."
      : "You have no billing account that we may see. Open one at https://console.cloud.google.com/billing first: nothing can be made in a project without.",
  fields: [
    { name: "name", label: "Name", help: "4 to 30 letters, digits, spaces and hyphens.", type: "text" },
    ...(billingAccounts.length > 0
      ? [{ name: "billing", label: "Who pays", help: "", type: "choice" as const, options: billingAccounts }]
      : []),
  ],
});
