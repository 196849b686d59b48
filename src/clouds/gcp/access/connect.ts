import { note, ok, problems, type Result } from "../../../result.ts";
import type { Access, AccessMethod } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import type { AccountLookup } from "./account-lookup.ts";
import { optionalFields, projectIdField } from "./connect-fields.ts";
import { requestedAccess } from "./requested-access.ts";

/** The characters of a bearer token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const bearerToken = /^[\w.~+/=-]{10,4096}$/;
/** https://cloud.google.com/resource-manager/docs/creating-managing-projects; the oldest IDs start with a domain. */
const projectId = /^(?:[a-z0-9.-]{1,60}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const networkName = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const scope = "https://www.googleapis.com/auth/cloud-platform openid email";

export function connect(dependencies: Dependencies): AccessMethod {
  const { client, issuer, origin } = dependencies;
  let lookup: Promise<AccountLookup> | undefined;
  const loadLookup = () => {
    lookup ??= import("./account-lookup.ts").then(({ createAccountLookup }) => createAccountLookup(dependencies));
    return lookup;
  };
  const summary =
    "We get access for up to one hour. We use only the project that you choose and store no password or permanent key.";
  return {
    kind: "oauth",
    summary,
    unavailableReason: client
      ? undefined
      : "Google Cloud isn't set up on this server. Set GCP_CLIENT_ID and GCP_CLIENT_SECRET. The script of gcloud commands is available either way.",
    setupPath: client ? "/connect/gcp" : undefined,
    fields: client ? [projectIdField, ...optionalFields] : undefined,
    locationFields: ["project", "other"],
    consent: client
      ? {
          issuer,
          clientId: client.id,
          clientSecret: client.secret,
          scope,
          authorizationParams: { access_type: "online", include_granted_scopes: "false", prompt: "select_account" },
          accountLabel: "Google account",
          excessScope:
            "Google has no narrower permission that is sufficient: the one it shows you covers everything you can do on Google Cloud. If that is too much, use an account with access to a single project, or use the script.",
          requestedAccess,
          loadQuestions: async (access, plan) => (await loadLookup()).asks(access, plan),
          async createTarget(access, input) {
            const { createProject } = await import("./create-project.ts");
            const created = await createProject(dependencies, access, input);
            (await loadLookup()).forget(access);
            return created;
          },
        }
      : undefined,
    nonSecretFields: ["project", "network", "subnet", "keep"],
    refresh: (input) => {
      const token = text(input, "token");
      return bearerToken.test(token) ? { token } : null;
    },
    parse: (input) => parseAccess(origin, input),
  };
}

const text = (input: Record<string, unknown>, name: string) =>
  Object.hasOwn(input, name) && typeof input[name] === "string" ? input[name].trim() : "";

function parseAccess(origin: string, input: Record<string, unknown>): Result<Access> {
  const [token, chosen, typed] = [text(input, "token"), text(input, "project"), text(input, "other")];
  const project = typed || chosen;
  const network = text(input, "network") || "default";
  const subnet = text(input, "subnet") || "default";
  const keep = text(input, "keep") || "no";
  const errors = [
    ...(bearerToken.test(token)
      ? []
      : [
          note(
            token
              ? "This is no access token of Google's."
              : "Google Cloud is not connected in this browser, or no longer: what you lend lasts for an hour.",
            { path: "access.token", fix: `Connect it at ${origin}/connect/gcp. A program sends access.token.` },
          ),
        ]),
    ...(projectId.test(project)
      ? []
      : [
          note(project ? `"${project.slice(0, 40)}" is no id of a project.` : "Choose a project.", {
            path: typed ? "access.other" : "access.project",
            fix: "A project's id is 6 to 30 small letters, digits and hyphens, such as my-project-123.",
          }),
        ]),
    ...[
      { path: "network", name: network },
      { path: "subnet", name: subnet },
    ].flatMap(({ path, name }) =>
      networkName.test(name)
        ? []
        : [
            note(`"${name.slice(0, 40)}" is no name of a ${path}.`, {
              path: `access.${path}`,
              fix: `Write the ${path}'s own name, such as default; not its address.`,
            }),
          ],
    ),
    ...(keep === "yes" || keep === "no"
      ? []
      : [note("What is kept after a failure is yes or no.", { path: "access.keep", fix: "Write yes or no." })]),
  ];
  return errors.length > 0 ? problems(...errors) : ok({ token, project, network, subnet, keep });
}
