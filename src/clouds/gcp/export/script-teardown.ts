import type { ApiRequest, HmacKey, IamMember, Resource, Stack } from "../stack.ts";
import { describeOrDeleteCommand, lastSegment } from "./gcloud-commands.ts";
import { comment, quoted, type ShellWriter, shellVariables, shellWriter } from "./shell.ts";

const head = [
  "# Takes everything away again, with all data. What is not there any more needs no removal: go on, and count what failed.",
  "remove() {",
  '  : "${ID:?Say which one: ID=... bash $0 remove}"',
  "  set +e",
  "  failed=0",
  '  try() { "$@" --quiet || failed=$((failed + 1)); }',
];

const tail = [
  '  [ "$failed" = 0 ] || echo "$failed commands failed. Look above at what is left." >&2',
  '  exit "$((failed > 0))"',
  "}",
];

/** Returns the script's function that deletes everything in reverse order. */
export function teardownFunction(stack: Stack): string[] {
  const writer = shellWriter(shellVariables(stack, []), () => "");
  const emails = accountEmails(stack, writer);
  const steps = stack.steps.toReversed().flatMap(({ title, resources }) => {
    const commands = resources.toReversed().flatMap((resource) => deleteCommands(resource, writer, emails));
    return commands.length === 0 ? [] : [`echo ${quoted(`${comment(title)} ...`)}`, ...commands];
  });
  return [...head, ...steps.map((line) => `  ${line}`), ...tail];
}

/** Returns the email of each service account, which follows from its name. */
const accountEmails = ({ steps }: Stack, writer: ShellWriter): Map<string, string> =>
  new Map(
    (steps.find(({ name }) => name === "accounts")?.resources ?? []).flatMap((resource) =>
      resource.kind === "thing" ? [[resource.id, lastSegment(resource.find.params.name, writer)]] : [],
    ),
  );

function deleteCommands(resource: Resource, writer: ShellWriter, emails: Map<string, string>): string[] {
  if (resource.kind === "grant") return removeBindingCommands(resource, writer, emails);
  if (resource.kind === "key") return deleteHmacKeyCommands(resource, emails);
  if (resource.kind === "act" || resource.remove === null) return [];
  const { loosen, remove } = resource;
  return [...(loosen ? [unprotectCommand(loosen, writer)] : []), `try ${deleteCommand(remove, writer)}`];
}

const deleteCommand = (request: ApiRequest, writer: ShellWriter): string =>
  request.api === "storage"
    ? `gcloud storage rm --recursive gs://${writer.word(request.params.bucket)}`
    : describeOrDeleteCommand(request, "delete", writer);

const unprotectCommand = ({ params }: ApiRequest, { word }: ShellWriter): string =>
  `try gcloud sql instances patch ${word(params.instance)} --project="$PROJECT" --no-deletion-protection`;

/** Only bindings in the project's policy outlive their resources. */
function removeBindingCommands(
  { write, role, member }: IamMember,
  { word }: ShellWriter,
  emails: Map<string, string>,
): string[] {
  if (write.api !== "cloudresourcemanager") return [];
  const [reference] =
    typeof member === "object" && member !== null && "$" in member ? (member.$ as unknown[]).slice(-1) : [];
  const [, account = ""] = (reference as { told?: string[] } | undefined)?.told ?? [];
  const memberAndRole = `--member=serviceAccount:${emails.get(account) ?? ""} --role=${word(role)}`;
  return [`try gcloud projects remove-iam-policy-binding "$PROJECT" --condition=None ${memberAndRole}`];
}

const deleteHmacKeyCommands = (_: HmacKey, emails: Map<string, string>): string[] => [
  `for key in $(gcloud storage hmac list --project="$PROJECT" --service-account=${emails.get("keys") ?? ""} --format='value(accessId)'); do`,
  '  try gcloud storage hmac update "$key" --project="$PROJECT" --deactivate',
  '  try gcloud storage hmac delete "$key" --project="$PROJECT"',
  "done",
];
