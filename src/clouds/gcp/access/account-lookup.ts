import { createHash } from "node:crypto";
import type { Plan } from "../../../plan.ts";
import { type Access, type AccessField, type AccessQuestions, OperationalError } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { getString, listAt } from "../provision/api/json-path.ts";
import { optionalFields } from "./connect-fields.ts";
import { type ApiCall, interactiveCall } from "./interactive-client.ts";
import { mapWithLimit } from "./limited-parallel.ts";

/** How many projects are shown with whether billing is on; another one's id can be typed. */
const shown = 40;
const atOnce = 8;
/** Milliseconds for all that may be left unknown. */
const patience = 8000;

/** How long what was looked up is not looked up again, in ms: long enough to try some regions, ... */
const fresh = 60_000;
/** ... and for how many visitors. */
const most = 200;

interface Account {
  projects: { id: string; name: string; billing: Billing }[];
  /** There are more than are shown. */
  more: boolean;
  payers: { value: string; label: string }[];
}

export type AccountLookup = ReturnType<typeof createAccountLookup>;

/** What somebody who has signed in chooses from. Remembers for a minute what Google said, by a digest of the token. */
export function createAccountLookup(world: Dependencies) {
  const known = new Map<string, { until: number; account: Promise<Account> }>();
  const keyOf = ({ token = "" }: Access) => createHash("sha256").update(token).digest("base64");

  function accountOf(access: Access): Promise<Account> {
    const key = keyOf(access);
    const time = world.now().getTime();
    const found = known.get(key);
    if (found && time < found.until) return found.account;
    known.delete(key);
    if (known.size >= most) known.delete(known.keys().next().value ?? "");
    const account = look(world, access);
    known.set(key, { until: time + fresh, account });
    account.catch(() => known.delete(key));
    return account;
  }

  return {
    /** Throws a `Refusal`. */
    async asks(access: Access, plan?: Plan): Promise<AccessQuestions> {
      const { projects, more, payers } = await accountOf(access);
      return {
        fields: [...projectFields(projects, more), ...rest(plan)],
        ...(plan ? { make: newProject(payers) } : {}),
      };
    },
    /** Something was made there. */
    forget: (access: Access) => void known.delete(keyOf(access)),
  };
}

/** Their projects, side by side with their billing, and who can pay for another. */
async function look(world: Dependencies, { token = "" }: Access): Promise<Account> {
  const ask = interactiveCall(world, { token });
  const [found, payers] = await Promise.all([
    ask({ api: "cloudresourcemanager", method: "projects.search", params: { query: "state:ACTIVE", pageSize: shown } }),
    openAccounts(ask),
  ]);
  const projects = listAt(found, "projects").map((one) => ({
    id: getString(one, "projectId"),
    name: getString(one, "displayName"),
  }));
  const limits = { atOnce, patience: (signal: AbortSignal) => world.sleep(patience, signal) };
  const billed = await mapWithLimit(projects, limits, ({ id }) =>
    ask({ api: "cloudbilling", method: "projects.getBillingInfo", params: { name: `projects/${id}` } }),
  );
  const all = projects
    .map((project, index) => ({ ...project, billing: stateOf(billed[index]) }))
    .sort((a, b) => order.indexOf(a.billing) - order.indexOf(b.billing) || (a.name < b.name ? -1 : 1));
  return { projects: all, more: getString(found, "nextPageToken") !== "", payers };
}

type Billing = "on" | "off" | "unknown";
const order: Billing[] = ["on", "unknown", "off"];
const words: Record<Billing, string> = {
  on: "billing is on",
  off: "billing is off, so nothing can be made in it",
  unknown: "whether billing is on is not known",
};

function stateOf(answer: unknown): Billing {
  if (typeof answer !== "object" || answer === null) return "unknown";
  return Reflect.get(answer, "billingEnabled") === true ? "on" : "off";
}

function projectFields(projects: { id: string; name: string; billing: Billing }[], more: boolean): AccessField[] {
  const options = projects.map(({ id, name, billing }) => ({
    value: id,
    label: `${name && name !== id ? `${name} (${id})` : id}: ${words[billing]}`,
  }));
  const project = { name: "project", label: "Project", type: "choice" as const, options };
  const alone = options.length === 1;
  return [
    ...(options.length > 0
      ? [{ ...project, help: "Everything is made in it, and paid by its billing account.", noDefault: !alone }]
      : []),
    ...(options.length === 0 || more
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

/** A network matters only where something is reached inside one. */
function rest(plan: Plan | undefined): AccessField[] {
  if (plan === undefined) return [];
  const inside = JSON.stringify(plan.stack).includes('{"is":"network"}');
  return optionalFields.filter(({ name }) => inside || (name !== "network" && name !== "subnet"));
}

async function openAccounts(ask: ApiCall): Promise<{ value: string; label: string }[]> {
  const listed = await ask({
    api: "cloudbilling",
    method: "billingAccounts.list",
    params: { filter: "open=true" },
  }).catch((error: unknown) => {
    // Who may see none can still deploy into a project that has one.
    if (error instanceof OperationalError && !error.lapsed) return {};
    throw error;
  });
  return listAt(listed, "billingAccounts")
    .filter((one) => getString(one, "open") === "true")
    .map((one) => ({ value: getString(one, "name"), label: getString(one, "displayName") || getString(one, "name") }));
}

const newProject = (accounts: { value: string; label: string }[]): NonNullable<AccessQuestions["make"]> => ({
  title: "Make a new project for it",
  button: "Make this project",
  help:
    accounts.length > 0
      ? "A project of its own keeps the app apart, and is deleted in one go."
      : "You have no billing account that we may see. Open one at https://console.cloud.google.com/billing first: nothing can be made in a project without.",
  fields: [
    { name: "name", label: "Name", help: "4 to 30 letters, digits, spaces and hyphens.", type: "text" },
    ...(accounts.length > 0
      ? [{ name: "billing", label: "Who pays", help: "", type: "choice" as const, options: accounts }]
      : []),
  ],
});
