import type { Plan } from "../../../plan.ts";
import { type Note, note } from "../../../result.ts";
import { type Access, OperationalError } from "../../cloud.ts";
import type { Template } from "../cloudformation.ts";
import type { Dependencies } from "../dependencies.ts";
import { assume } from "../provision/api/assume-role.ts";
import { type AccountClients, accountClients } from "../provision/api/clients.ts";
import { toOperationalError } from "../provision/api/error-advice.ts";
import { hasErrorName, isServiceException, withRetry } from "../provision/api/retry.ts";
import { deleteUploadedTemplate, templateArgument } from "../provision/api/template-upload.ts";
import { parseAccess, type RoleAccess } from "../role-access.ts";
import { roleResources } from "../role-names.ts";
import { preflightSessionPolicy } from "./preflight-session-policy.ts";
import { checkQuotas } from "./quota-check.ts";

/** What would make the deployment fail, found by asking, before anything is created. */
export async function preflight(world: Dependencies, plan: Plan, access: Access): Promise<Note[]> {
  const lent = parseAccess(access);
  const look = accountClients(world, plan.region, lent, { policy: preflightSessionPolicy(roleResources(lent)) });
  const field = { path: "access.account" };
  try {
    const closed = await letsUsIn(world, plan.region, lent);
    if (closed) return [closed];
    const { Account: owner } = await look.sts((sts) => sts.getCallerIdentity({}));
    if (owner !== lent.account)
      return [
        note(`This role belongs to the account ${owner}, not to ${lent.account}.`, {
          ...field,
          fix: "Write the account id, or the ARN, of the account that you want to deploy into.",
        }),
      ];
    const open = await letsAnybodyIn(world, plan.region, lent);
    if (open) return [open];
    const template = plan.stack as unknown as Template;
    const looks = [
      stacksIn(look),
      checkQuotas({ look, account: lent.account, region: plan.region }, template),
      validated(look, lent, template),
    ];
    // All of them come to an end before the clients are closed, whatever one of them finds.
    await Promise.allSettled(looks);
    return (await Promise.all(looks)).flat();
  } catch (error) {
    const refusal = toOperationalError(error);
    if (!(refusal instanceof OperationalError)) throw error;
    return [note(refusal.message, { ...field, fix: refusal.next })];
  } finally {
    look.close();
  }
}

const patiently = <T>(world: Dependencies, work: () => Promise<T>) => withRetry(world, work, { renew: () => {} });

async function letsUsIn(world: Dependencies, region: string, lent: RoleAccess): Promise<Note | null> {
  try {
    await patiently(world, () => assume(world, region, lent, lent.subject));
    return null;
  } catch (error) {
    if (!hasErrorName(error, "AccessDenied", "AccessDeniedException")) throw error;
    return note(`The account ${lent.account} does not lend us ${lent.roleArn}: ${error.message}`, {
      path: "access.account",
      fix: `Make the role at ${world.origin}/connect/aws, in this browser and in that account. A new one takes up to a minute to be known.`,
    });
  }
}

/**
 * A role that trusts this Slipway but not only this visitor could be used by every other visitor: the confused deputy,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html. So we try to be nobody, and somebody else.
 */
async function letsAnybodyIn(world: Dependencies, region: string, lent: RoleAccess): Promise<Note | null> {
  for (const subject of [null, world.deriveSecret("aws: no visitor at all").slice(0, lent.subject.length)]) {
    try {
      await patiently(world, () => assume(world, region, lent, subject));
    } catch (error) {
      if (isServiceException(error) && /^AccessDenied/.test(error.name)) continue;
      throw error;
    }
    const what =
      lent.way === "role" ? (subject === null ? "without an external id" : "with any external id") : "for any subject";
    return note(`The role ${lent.roleArn} lets us in ${what}: anybody could have us deploy into your account.`, {
      path: "access.account",
      fix: `Make the role anew from ${world.origin}/connect/aws: it trusts only you.`,
    });
  }
  return null;
}

/** The one quota that CloudFormation itself tells: how many stacks there may be. */
async function stacksIn(look: AccountClients): Promise<Note[]> {
  const { AccountLimits = [] } = await look.cloudformation((cfn) => cfn.describeAccountLimits({}));
  const limit = AccountLimits.find(({ Name }) => Name === "StackLimit")?.Value;
  if (limit === undefined) return [];
  let count = 0;
  let NextToken: string | undefined;
  do {
    const page = await look.cloudformation((cfn) => cfn.listStacks({ NextToken }));
    count += (page.StackSummaries ?? []).filter(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE").length;
    ({ NextToken } = page);
  } while (NextToken && count < limit);
  if (count < limit) return [];
  return [
    note(`Your account has ${count} stacks in this region, and may have ${limit}.`, {
      path: "region",
      fix: "Delete stacks you no longer need, choose another region, or ask AWS for a higher quota.",
    }),
  ];
}

async function validated(look: AccountClients, lent: RoleAccess, template: Template): Promise<Note[]> {
  const laid = { account: look, lent, run: { id: `look-${lent.subject}` }, template };
  try {
    const asked = await templateArgument(laid);
    await look.cloudformation((cfn) => cfn.validateTemplate(asked)).finally(() => deleteUploadedTemplate(laid));
    return [];
  } catch (error) {
    if (hasErrorName(error, "ValidationError"))
      return [
        note(`CloudFormation does not take the template: ${error.message}`, {
          fix: "This is our bug: tell whoever runs this Slipway.",
        }),
      ];
    if (hasErrorName(error, "NoSuchBucket", "NotFound"))
      return [
        note(`The bucket ${roleResources(lent).bucket} is missing, through which a template this long has to go.`, {
          path: "access.account",
          fix: "Make the role anew with our template: its stack makes the bucket, too.",
        }),
      ];
    throw error;
  }
}
