import { createHash } from "node:crypto";
import { note, ok, problems, type Result } from "../../../result.ts";
import { type Access, OperationalError } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { getPath, getString } from "../provision/api/json-path.ts";
import { type ApiCall, interactiveCall } from "./interactive-client.ts";

/** Google's rule for the name that people see: https://cloud.google.com/resource-manager/reference/rest/v3/projects */
const rule = /^[A-Za-z0-9][A-Za-z0-9 '!-]{2,28}[A-Za-z0-9!']$/;
const account = /^billingAccounts\/[0-9A-F]{6}(?:-[0-9A-F]{6}){2}$/;

/** Makes a project of that name, and has a billing account pay for it. Throws a `Refusal`. */
export async function createProject(
  world: Dependencies,
  { token = "" }: Access,
  input: Record<string, string>,
): Promise<Result<Record<string, string>>> {
  const name = (input.name ?? "").trim();
  const billing = input.billing ?? "";
  if (!rule.test(name))
    return problems(
      note(`"${name.slice(0, 40)}" is no name for a project.`, {
        fix: "Write 4 to 30 letters, digits, spaces and hyphens, with a letter or digit at both ends.",
      }),
    );
  if (!account.test(billing))
    return problems(note("Somebody has to pay for it.", { fix: "Choose a billing account." }));
  const ask = interactiveCall(world, { token });
  const id = idOf(name, token);
  await create(world, ask, id, name);
  await ask({
    api: "cloudbilling",
    method: "projects.updateBillingInfo",
    params: { name: `projects/${id}` },
    body: { billingAccountName: billing },
  });
  return ok({ project: id });
}

/** Free in the whole world, most likely, and the same when the button is pressed twice. */
function idOf(name: string, token: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 21);
  const rest = createHash("sha256")
    .update(JSON.stringify([name, token]))
    .digest("hex")
    .slice(0, 8);
  return `${slug || "app"}-${rest}`;
}

/** Milliseconds between looks at it, and how many looks. */
const pause = 1500;
const looks = 60;

async function create(world: Dependencies, ask: ApiCall, id: string, displayName: string): Promise<void> {
  const params = { name: `projects/${id}` };
  let operation: unknown;
  try {
    operation = await ask({
      api: "cloudresourcemanager",
      method: "projects.create",
      params: {},
      body: { projectId: id, displayName },
    });
  } catch (error) {
    // Made a moment ago, by the same press of the button.
    const there = await ask({ api: "cloudresourcemanager", method: "projects.get", params }).catch(() => null);
    if (getString(there, "displayName") === displayName) return;
    throw error;
  }
  for (let look = 0; look < looks; look++) {
    if (getPath(operation, "done") === true) {
      const said = getString(operation, "error.message");
      if (said)
        throw new OperationalError(said, "Choose one of the projects you have, or ask your organisation for one.");
      return;
    }
    await world.sleep(pause);
    const name = getString(operation, "name");
    operation = await ask({ api: "cloudresourcemanager", method: "operations.get", params: { name } });
  }
  throw new OperationalError("Google is still making the project.", "Go back in a minute: it is in the list then.");
}
