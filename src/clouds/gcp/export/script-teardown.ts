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

/** A function of the script that takes away what the script makes, in reverse. */
export function teardownFunction(stack: Stack): string[] {
  const own = shellWriter(shellVariables(stack, []), () => "");
  const emails = accountsOf(stack, own);
  const steps = stack.steps.toReversed().flatMap(({ title, resources }) => {
    const commands = resources.toReversed().flatMap((one) => taken(one, own, emails));
    return commands.length === 0 ? [] : [`echo ${quoted(`${comment(title)} ...`)}`, ...commands];
  });
  return [...head, ...steps.map((line) => `  ${line}`), ...tail];
}

/** By account: its address, which follows from its name. */
const accountsOf = ({ steps }: Stack, own: ShellWriter): Map<string, string> =>
  new Map(
    (steps.find(({ name }) => name === "accounts")?.resources ?? []).flatMap((one) =>
      one.kind === "thing" ? [[one.id, lastSegment(one.find.params.name, own)]] : [],
    ),
  );

function taken(resource: Resource, own: ShellWriter, emails: Map<string, string>): string[] {
  if (resource.kind === "grant") return takenBack(resource, own, emails);
  if (resource.kind === "key") return keyGone(resource, emails);
  if (resource.kind === "act" || resource.remove === null) return [];
  const { loosen, remove } = resource;
  return [...(loosen ? [loosened(loosen, own)] : []), `try ${gone(remove, own)}`];
}

const gone = (request: ApiRequest, own: ShellWriter): string =>
  request.api === "storage"
    ? `gcloud storage rm --recursive gs://${own.word(request.params.bucket)}`
    : describeOrDeleteCommand(request, "delete", own);

const loosened = ({ params }: ApiRequest, { word }: ShellWriter): string =>
  `try gcloud sql instances patch ${word(params.instance)} --project="$PROJECT" --no-deletion-protection`;

/** Only the project's own policy stays when all else is gone. */
function takenBack({ write, role, member }: IamMember, { word }: ShellWriter, emails: Map<string, string>): string[] {
  if (write.api !== "cloudresourcemanager") return [];
  const [known] =
    typeof member === "object" && member !== null && "$" in member ? (member.$ as unknown[]).slice(-1) : [];
  const [, account = ""] = (known as { told?: string[] } | undefined)?.told ?? [];
  const who = `--member=serviceAccount:${emails.get(account) ?? ""} --role=${word(role)}`;
  return [`try gcloud projects remove-iam-policy-binding "$PROJECT" --condition=None ${who}`];
}

const keyGone = (_: HmacKey, emails: Map<string, string>): string[] => [
  `for key in $(gcloud storage hmac list --project="$PROJECT" --service-account=${emails.get("keys") ?? ""} --format='value(accessId)'); do`,
  '  try gcloud storage hmac update "$key" --project="$PROJECT" --deactivate',
  '  try gcloud storage hmac delete "$key" --project="$PROJECT"',
  "done",
];
