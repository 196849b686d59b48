import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import type { FakeAws } from "../../fakes/aws/aws.ts";

interface ConsoleOptions {
  aws: FakeAws;
  account: string;
  /** Fetches a template. */
  fetch: (address: string) => Promise<Response>;
}

/** The console of the visitor's account, with full permissions. */
export function console({ aws, account, fetch }: ConsoleOptions) {
  const { account: state, keys } = aws.account(account);
  const client = (region: string) => new CloudFormation({ region, endpoint: aws.endpoint, credentials: keys });

  async function findStack(region: string, StackName: string) {
    const cloudformation = client(region);
    const { Stacks: [stack] = [] } = await cloudformation
      .describeStacks({ StackName })
      .finally(() => cloudformation.destroy());
    return stack;
  }

  /** Waits for a stack's operation to finish and returns the stack. */
  async function settled(
    region: string,
    name: string,
    operation: string,
  ): Promise<NonNullable<Awaited<ReturnType<typeof findStack>>>> {
    const stack = await findStack(region, name);
    if (!stack) throw new Error(`there is no stack ${name}`);
    const { StackStatus: status = "" } = stack;
    if (!status.endsWith("_IN_PROGRESS") && (operation === "CREATE" || status.startsWith(operation))) return stack;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return settled(region, name, operation);
  }

  async function createStack(
    region: string,
    StackName: string,
    template: { TemplateBody: string } | { TemplateURL: string },
    parameters: Record<string, string> = {},
    capabilities = ["CAPABILITY_NAMED_IAM"],
  ) {
    const cloudformation = client(region);
    await cloudformation
      .createStack({
        StackName,
        ...template,
        Capabilities: capabilities as never,
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
      })
      .finally(() => cloudformation.destroy());
    const stack = await settled(region, StackName, "CREATE");
    if (stack.StackStatus !== "CREATE_COMPLETE")
      throw new Error(`${StackName}: ${stack.StackStatus} ${stack.StackStatusReason}`);
    return stack;
  }

  return {
    creates: createStack,
    account: state,
    async deletes(region: string, StackName: string) {
      const { StackId = "" } = (await findStack(region, StackName)) ?? {};
      const cloudformation = client(region);
      await cloudformation.deleteStack({ StackName }).finally(() => cloudformation.destroy());
      return (await settled(region, StackId, "DELETE")).StackStatus;
    },

    /** Runs a command in CloudShell: a real shell parses it, and its calls are sent to AWS. */
    async types(command: string) {
      const files = new Map<string, string>();
      for (const [program, ...args] of calls(command, account)) {
        const optionValue = (option: string) => args[args.indexOf(option) + 1] ?? "";
        if (program === "curl") {
          const response = await fetch(args.find((arg) => /^https?:/.test(arg)) ?? "");
          if (!response.ok) throw new Error(`curl: ${response.status}`);
          files.set(optionValue("-o"), await response.text());
        } else if (args[0] === "s3" && args[1] === "mb") {
          const name = args[2]?.replace("s3://", "") ?? "";
          state.buckets.set(name, { name, region: optionValue("--region"), versions: [] });
        } else if (args[0] === "cloudformation") {
          const overridesIndex = args.indexOf("--parameter-overrides");
          const overrides = overridesIndex < 0 ? [] : args.slice(overridesIndex + 1).filter((arg) => /^\w+=/.test(arg));
          const TemplateBody = files.get(optionValue("--template-file")) ?? "";
          await createStack(
            args.includes("--region") ? optionValue("--region") : "us-east-1",
            optionValue("--stack-name"),
            args.includes("--s3-bucket") ? uploaded(optionValue("--s3-bucket"), TemplateBody) : { TemplateBody },
            Object.fromEntries(
              overrides.map((arg) => [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]),
            ),
            [optionValue("--capabilities")],
          );
        }
      }
    },
  };

  function uploaded(name: string, body: string) {
    const bucket = state.buckets.get(name);
    if (!bucket) throw new Error(`there is no bucket ${name}`);
    aws.putObject(bucket, "template", body);
    return { TemplateURL: `https://${name}.s3.${bucket.region}.amazonaws.com/template` };
  }
}
export type Console = ReturnType<typeof console>;

/** Returns the arguments of each call in a command, as a shell parses them. */
function calls(command: string, account: string): string[][] {
  const folder = mkdtempSync(join(tmpdir(), "slipway-shell-"));
  const log = join(folder, "log");
  const note = `{ printf '%s\\0' "\${0##*/}" "$@"; printf '\\n\\0'; } >> '${log}'`;
  for (const name of ["curl", "aws"])
    writeFileSync(join(folder, name), `#!/bin/sh\n${note}\n[ "$2" != get-caller-identity ] || echo ${account}\n`, {
      mode: 0o755,
    });
  try {
    execFileSync("/bin/sh", ["-c", command], { env: { PATH: `${folder}:/usr/bin:/bin` }, cwd: folder });
    return readFileSync(log, "utf8")
      .split("\0\n\0")
      .filter(Boolean)
      .map((call) => call.split("\0"));
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }
}
