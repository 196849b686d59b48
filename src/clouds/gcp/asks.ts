import type { Plan } from "../../plan.ts";
import { type Access, type AccessField, type Asked, Refusal } from "../cloud.ts";
import { type Ask, askAs } from "./ask.ts";
import { listAt } from "./at.ts";
import { fields } from "./fields.ts";
import { textAt } from "./fill.ts";
import { sideBySide } from "./side-by-side.ts";
import type { World } from "./world.ts";

/** How many projects are shown with whether billing is on; another one's id can be typed. */
const shown = 40;
const atOnce = 8;
/** Milliseconds for all that may be left unknown. */
const patience = 8000;

/** What somebody who has signed in chooses from: their projects, side by side with their billing. Throws a `Refusal`. */
export async function asks(world: World, { token = "" }: Access, plan?: Plan): Promise<Asked> {
  const ask = askAs(world, { token });
  const [found, accounts] = await Promise.all([
    ask({ api: "cloudresourcemanager", method: "projects.search", params: { query: "state:ACTIVE", pageSize: shown } }),
    openAccounts(ask),
  ]);
  const projects = listAt(found, "projects").map((one) => ({
    id: textAt(one, "projectId"),
    name: textAt(one, "displayName"),
  }));
  const billed = await sideBySide(projects, { atOnce, patience: (signal) => world.pause(patience, signal) }, ({ id }) =>
    ask({ api: "cloudbilling", method: "projects.getBillingInfo", params: { name: `projects/${id}` } }),
  );
  const all = projects
    .map((project, index) => ({ ...project, billing: stateOf(billed[index]) }))
    .sort((a, b) => order.indexOf(a.billing) - order.indexOf(b.billing) || (a.name < b.name ? -1 : 1));
  return {
    fields: [...projectFields(all, textAt(found, "nextPageToken") !== ""), ...rest(plan)],
    ...(plan ? { make: newProject(accounts) } : {}),
  };
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
      ? [{ ...project, help: "Everything is made in it, and paid by its billing account.", open: !alone }]
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
  return fields.filter(({ name }) => inside || (name !== "network" && name !== "subnet"));
}

async function openAccounts(ask: Ask): Promise<{ value: string; label: string }[]> {
  const listed = await ask({
    api: "cloudbilling",
    method: "billingAccounts.list",
    params: { filter: "open=true" },
  }).catch((error: unknown) => {
    // Who may see none can still deploy into a project that has one.
    if (error instanceof Refusal && !error.lapsed) return {};
    throw error;
  });
  return listAt(listed, "billingAccounts")
    .filter((one) => textAt(one, "open") === "true")
    .map((one) => ({ value: textAt(one, "name"), label: textAt(one, "displayName") || textAt(one, "name") }));
}

const newProject = (accounts: { value: string; label: string }[]): NonNullable<Asked["make"]> => ({
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
