import { createHash } from "node:crypto";
import { note, ok, problems, type Result } from "../../../result.ts";
import { type Access, OperationalError } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { getPath, getString } from "../provision/api/json-path.ts";
import { type ApiCall, interactiveCall } from "./interactive-client.ts";

/** Google's rule for display names: https://cloud.google.com/resource-manager/reference/rest/v3/projects */
const displayNamePattern = /^[A-Za-z0-9][A-Za-z0-9 '!-]{2,28}[A-Za-z0-9!']$/;
const billingAccountPattern = /^billingAccounts\/[0-9A-F]{6}(?:-[0-9A-F]{6}){2}$/;

/** Creates a project and links it to a billing account. Throws an OperationalError. */
export async function createProject(
  dependencies: Dependencies,
  { token = "" }: Access,
  input: Record<string, string>,
): Promise<Result<Record<string, string>>> {
  const name = (input.name ?? "").trim();
  const billing = input.billing ?? "";
  if (!displayNamePattern.test(name))
    return problems(
      note(`"${name.slice(0, 40)}" is no name for a project.`, {
        fix: "Write 4 to 30 letters, digits, spaces and hyphens, with a letter or digit at both ends.",
      }),
    );
  if (!billingAccountPattern.test(billing))
    return problems(note("Somebody has to pay for it.", { fix: "Choose a billing account." }));
  const call = interactiveCall(dependencies, { token });
  const id = projectId(name, token);
  await createAndWait(dependencies, call, id, name);
  await call({
    api: "cloudbilling",
    method: "projects.updateBillingInfo",
    params: { name: `projects/${id}` },
    body: { billingAccountName: billing },
  });
  return ok({ project: id });
}

/** Returns an ID that is almost certainly unused, and the same when the button is pressed twice. */
function projectId(name: string, token: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 21);
  const digest = createHash("sha256")
    .update(JSON.stringify([name, token]))
    .digest("hex")
    .slice(0, 8);
  return `${slug || "app"}-${digest}`;
}

const pollIntervalMs = 1500;
const maxPolls = 60;

async function createAndWait(
  dependencies: Dependencies,
  call: ApiCall,
  id: string,
  displayName: string,
): Promise<void> {
  const params = { name: `projects/${id}` };
  let operation: unknown;
  try {
    operation = await call({
      api: "cloudresourcemanager",
      method: "projects.create",
      params: {},
      body: { projectId: id, displayName },
    });
  } catch (error) {
    // A double click may have created it a moment ago.
    const existing = await call({ api: "cloudresourcemanager", method: "projects.get", params }).catch(() => null);
    if (getString(existing, "displayName") === displayName) return;
    throw error;
  }
  for (let poll = 0; poll < maxPolls; poll++) {
    if (getPath(operation, "done") === true) {
      const message = getString(operation, "error.message");
      if (message)
        throw new OperationalError(message, "Choose one of the projects you have, or ask your organisation for one.");
      return;
    }
    await dependencies.sleep(pollIntervalMs);
    const name = getString(operation, "name");
    operation = await call({ api: "cloudresourcemanager", method: "operations.get", params: { name } });
  }
  throw new OperationalError("Google is still making the project.", "Go back in a minute: it is in the list then.");
}
