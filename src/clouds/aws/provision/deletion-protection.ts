import type { DeploymentEvent } from "../../cloud.ts";
import { builtInSteps, capabilities, type Resource, type Template } from "../cloudformation.ts";
import { roleResources } from "../role-names.ts";
import { hasErrorName } from "./api/retry.ts";
import { templateArgument } from "./api/template-upload.ts";
import { findStack } from "./describe-stack.ts";
import { followStack } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** Disables deletion protection, because a removal is no accident. */
export async function* disableDeletionProtection(
  context: RunContext,
  stackId: string,
): AsyncGenerator<DeploymentEvent> {
  const { clients, ledger, access, signal, template } = context;
  const unprotected = withoutProtection(template);
  if (!unprotected) return;
  const { StackStatus: status = "", Parameters = [] } = (await findStack(clients, stackId, signal)) ?? {};
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) return;
  const input = {
    StackName: stackId,
    ...(await templateArgument({ ...context, template: unprotected })),
    Parameters: Parameters.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true })),
    Capabilities: [...capabilities],
    RoleARN: roleResources(access).stacksRole,
  };
  try {
    await clients.cloudformation((cfn) => cfn.updateStack(input), signal);
  } catch (error) {
    if (hasErrorName(error, "ValidationError") && /No updates/.test(error.message)) return;
    throw error;
  }
  yield ledger.lines(builtInSteps.stack, ["Lifting the protection against deletion"]);
  yield* followStack(context, stackId, { until: ({ stack }) => stack.StackStatus?.startsWith("UPDATE_") === true });
}

/** Returns the template without deletion protection; null if there is none. */
function withoutProtection(template: Template): Template | null {
  const changed = Object.entries(template.Resources).flatMap(([id, resource]) => {
    const unprotected = withoutResourceProtection(resource);
    return unprotected ? [[id, unprotected] as const] : [];
  });
  if (changed.length === 0) return null;
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(changed) } };
}

function withoutResourceProtection(resource: Resource): Resource | null {
  const { DeletionProtection, LoadBalancerAttributes } = resource.Properties ?? {};
  if (DeletionProtection === true)
    return { ...resource, Properties: { ...resource.Properties, DeletionProtection: false } };
  const attributeName = "deletion_protection.enabled";
  if (!Array.isArray(LoadBalancerAttributes)) return null;
  const isProtection = (attribute: unknown) => (attribute as { Key?: unknown; Value?: unknown }).Key === attributeName;
  if (
    !LoadBalancerAttributes.some(
      (attribute) => isProtection(attribute) && (attribute as { Value?: unknown }).Value === "true",
    )
  )
    return null;
  const attributes = LoadBalancerAttributes.map((attribute) =>
    isProtection(attribute) ? { Key: attributeName, Value: "false" } : attribute,
  );
  return { ...resource, Properties: { ...resource.Properties, LoadBalancerAttributes: attributes } };
}
