import type { DeploymentEvent } from "../../cloud.ts";
import { builtInSteps, capabilities, type Resource, type Template } from "../cloudformation.ts";
import { roleResources } from "../role-names.ts";
import { hasErrorName } from "./api/retry.ts";
import { templateArgument } from "./api/template-upload.ts";
import { findStack } from "./describe-stack.ts";
import { followStack } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** Lifts the protection that keeps a database from being deleted by mistake: removing everything is no mistake. */
export async function* disableDeletionProtection(
  setting: RunContext,
  stackId: string,
): AsyncGenerator<DeploymentEvent> {
  const { account, ledger: book, lent, signal: stop, template } = setting;
  const open = unprotected(template);
  if (!open) return;
  const { StackStatus: status = "", Parameters = [] } = (await findStack(account, stackId, stop)) ?? {};
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) return;
  const asked = {
    StackName: stackId,
    ...(await templateArgument({ ...setting, template: open })),
    Parameters: Parameters.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true })),
    Capabilities: [...capabilities],
    RoleARN: roleResources(lent).stacksRole,
  };
  try {
    await account.cloudformation((cfn) => cfn.updateStack(asked), stop);
  } catch (error) {
    if (hasErrorName(error, "ValidationError") && /No updates/.test(error.message)) return;
    throw error;
  }
  yield book.lines(builtInSteps.stack, ["Lifting the protection against deletion"]);
  yield* followStack(setting, stackId, { until: ({ stack }) => stack.StackStatus?.startsWith("UPDATE_") === true });
}

/** The same template with nothing protected; null when nothing is. */
function unprotected(template: Template): Template | null {
  const changed = Object.entries(template.Resources).flatMap(([id, resource]) => {
    const open = opened(resource);
    return open ? [[id, open] as const] : [];
  });
  if (changed.length === 0) return null;
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(changed) } };
}

function opened(resource: Resource): Resource | null {
  const { DeletionProtection, LoadBalancerAttributes } = resource.Properties ?? {};
  if (DeletionProtection === true)
    return { ...resource, Properties: { ...resource.Properties, DeletionProtection: false } };
  const guard = "deletion_protection.enabled";
  if (!Array.isArray(LoadBalancerAttributes)) return null;
  const isGuard = (one: unknown) => (one as { Key?: unknown; Value?: unknown }).Key === guard;
  if (!LoadBalancerAttributes.some((one) => isGuard(one) && (one as { Value?: unknown }).Value === "true")) return null;
  const off = LoadBalancerAttributes.map((one) => (isGuard(one) ? { Key: guard, Value: "false" } : one));
  return { ...resource, Properties: { ...resource.Properties, LoadBalancerAttributes: off } };
}
