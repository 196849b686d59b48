import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Plan } from "../../../plan.ts";
import { askedVariables, hasDeferredDefault } from "../compile/variables.ts";
import { findReferences } from "../references.ts";
import type { ApiRequest, Condition, HmacKey, ManagedResource, Reference, Resource, Stack, Step } from "../stack.ts";
import {
  actionCommands,
  addIamBindingCommand,
  addSecretVersionCommand,
  createCommands,
  describeOrDeleteCommand,
  lastSegment,
} from "./gcloud-commands.ts";
import { requestBodyCommand } from "./request-body.ts";
import { functions } from "./script-functions.ts";
import { teardownFunction } from "./script-teardown.ts";
import { declareVariable, promptForVariable } from "./script-variables.ts";
import { comment, quoted, type ShellVariables, type ShellWriter, shellVariables, shellWriter } from "./shell.ts";

const head = (app: App, { region }: Plan) => [
  "#!/usr/bin/env bash",
  `# Deploys ${comment(app.slug)} at ${comment(app.source.commit)} to a Google Cloud project, as Slipway would.`,
  "# Read it, then run it in Cloud Shell: it asks nobody but Google, and lends nobody access.",
  "# With the word `remove` behind it, it takes everything away again.",
  "set -euo pipefail",
  "",
  "# Yours to change.",
  "PROJECT=${PROJECT:-$(gcloud config get-value project)}",
  `REGION=\${REGION:-${region}}`,
  "NETWORK=${NETWORK:-projects/$PROJECT/global/networks/default}",
  "SUBNET=${SUBNET:-projects/$PROJECT/regions/$REGION/subnetworks/default}",
  '# "granted" where your organisation forbids services that ask nobody who they are.',
  "OPENING=${OPENING:-unchecked}",
];

const afterTeardown = [
  '[ "${1-}" != remove ] || remove',
  "",
  "# A part of every name. Keep it: who removes everything is asked for it.",
  "ID=${ID:-$(openssl rand -hex 4)}",
];

const computedVariables = [
  "NUMBER=$(gcloud projects describe \"$PROJECT\" --format='value(projectNumber)')",
  "BODY=$(mktemp)",
];

const propagationDelay = ["# What an account may do is not known everywhere at once.", "sleep 90"];

/** Returns a script for Cloud Shell that does what the plan does, without access for us. `original`: the app that was compiled. */
export function script(original: App, plan: Plan): string {
  const app = forCloud(original, "gcp");
  const stack = plan.stack as unknown as Stack;
  const variables = askedVariables(app).filter(({ name }) => isUsed(stack, name));
  const variableNames = shellVariables(stack, variables);
  const writer = commandWriter(variableNames);
  const deferred = new Set(variables.filter(hasDeferredDefault).map(({ name }) => name));
  const steps = stack.steps.flatMap((step) => [
    "",
    `echo ${quoted(`${comment(step.title)} ...`)}`,
    ...deferredDefaults(step, variableNames, writer.words, deferred),
    ...step.resources.flatMap((resource) => onlyWhen(writer.commands(step, resource), resource.when, variableNames)),
    ...(step.name === "accounts" ? propagationDelay : []),
  ]);
  return [
    ...head(app, plan),
    "",
    ...teardownFunction(stack),
    ...afterTeardown,
    "",
    "# The app's variables.",
    ...variables.flatMap((variable) => declareVariable(variable, variableNames)),
    ...functions,
    "",
    ...variables.flatMap((variable) => promptForVariable(variable, variableNames)),
    ...variableNames.secrets().map((name) => `${name}=$(openssl rand -hex 20)`),
    ...computedVariables,
    ...steps,
    "",
    'rm -f "$BODY"',
    ...(stack.url === null ? [] : [`echo "It answers at" ${writer.words.word(stack.url)}`]),
    'echo "To remove it: ID=$ID bash $0 remove"',
    "",
  ].join("\n");
}

const isUsed = (stack: Stack, name: string): boolean =>
  JSON.stringify(stack).includes(JSON.stringify({ answer: name }).slice(1, -1));

/** Sets the defaults that depend on outputs of earlier steps. */
function deferredDefaults(
  step: Step,
  variableNames: ShellVariables,
  { word }: ShellWriter,
  remaining: Set<string>,
): string[] {
  return [...findReferences(step.resources as unknown as never)].flatMap((reference) => {
    if (!("answer" in reference) || !reference.late || !remaining.delete(reference.answer)) return [];
    const shellName = variableNames.answer(reference.answer);
    return [`[ -n "$${shellName}" ] || ${shellName}=${word({ $: reference.late.parts })}`];
  });
}

/** Wraps the commands in their condition. */
function onlyWhen(commands: string[], when: Condition | undefined, { answer }: ShellVariables): string[] {
  if (!when || commands.length === 0) return commands;
  const test = "given" in when ? `[ -n "$${answer(when.given)}" ]` : `[ "$OPENING" = ${when.opening} ]`;
  return [`if ${test}; then`, ...commands, "fi"];
}

function commandWriter(variableNames: ShellVariables) {
  const readCommand = (reference: Reference): string => {
    if (!("read" in reference)) return "";
    const { method, params } = reference.read;
    if (method !== "projects.locations.instances.getAuthString") throw new Error(`No command reads ${method}`);
    return `$(gcloud redis instances get-auth-string ${lastSegment(params.name, writer)} --project="$PROJECT" --region="$REGION" --format='value(${reference.at})')`;
  };
  const writer = shellWriter(variableNames, readCommand);
  const body = ({ body: value }: ApiRequest) => requestBodyCommand(value ?? {}, variableNames, readCommand);

  const cloudRunCommands = ({ create: { method, params }, create }: ManagedResource): string[] => {
    const [idParam = ""] = Object.keys(params).filter((name) => name !== "parent");
    const collection = method.split(".").at(-2);
    return [body(create), `make ${collection} ${idParam} ${writer.word(params[idParam])}`];
  };
  const outputCommands = (step: Step, { id, find, tells = {} }: ManagedResource): string[] =>
    Object.entries(tells).map(([field, path]) => {
      const described = `${describeOrDeleteCommand(find, "describe", writer)} --format='value(${path})'`;
      return `${variableNames.output(step.name, id, field)}=$(${described})`;
    });

  const hmacKeyCommands = ({ create, keep }: HmacKey): string[] => [
    `IFS=$'\\t' read -r ACCESS KEY < <(gcloud storage hmac create ${writer.word(create.params.serviceAccountEmail)} --project="$PROJECT" --format='value(metadata.accessId,secret)')`,
    ...keep.map((request) => addSecretVersionCommand(request, writer)),
  ];
  return {
    words: writer,
    commands(step: Step, resource: Resource): string[] {
      switch (resource.kind) {
        case "thing":
          return [
            ...(createCommands(resource, writer) ?? cloudRunCommands(resource)),
            ...outputCommands(step, resource),
          ];
        case "grant":
          return [addIamBindingCommand(resource, writer)];
        case "key":
          return hmacKeyCommands(resource);
        default:
          return [
            ...(resource.start.api === "cloudbuild" ? [buildBody(resource.start)] : []),
            ...actionCommands(resource.start, writer),
          ];
      }
    },
  };

  /** Writes the build without its source, which is on the command line. */
  function buildBody({ body: value }: ApiRequest): string {
    const { source: _, ...rest } = value as Record<string, never>;
    return requestBodyCommand(rest, variableNames, readCommand);
  }
}
