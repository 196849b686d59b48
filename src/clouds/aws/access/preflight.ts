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

/** Finds problems that would make the deployment fail, before anything is created. */
export async function preflight(dependencies: Dependencies, plan: Plan, granted: Access): Promise<Note[]> {
  const access = parseAccess(granted);
  const clients = accountClients(dependencies, plan.region, access, {
    policy: preflightSessionPolicy(roleResources(access)),
  });
  const field = { path: "access.account" };
  try {
    const trustProblem = await checkTrust(dependencies, plan.region, access);
    if (trustProblem) return [trustProblem];
    const { Account: owner } = await clients.sts((sts) => sts.getCallerIdentity({}));
    if (owner !== access.account)
      return [
        note(`This role belongs to the account ${owner}, not to ${access.account}.`, {
          ...field,
          fix: "Write the account id, or the ARN, of the account that you want to deploy into.",
        }),
      ];
    const deputyProblem = await checkConfusedDeputy(dependencies, plan.region, access);
    if (deputyProblem) return [deputyProblem];
    const template = plan.stack as unknown as Template;
    const checks = [
      checkStackLimit(clients),
      checkQuotas({ clients, account: access.account, region: plan.region }, template),
      checkTemplate(clients, access, template),
    ];
    // Wait for all checks, even if one fails: the clients are closed afterwards.
    await Promise.allSettled(checks);
    return (await Promise.all(checks)).flat();
  } catch (error) {
    const operationalError = toOperationalError(error);
    if (!(operationalError instanceof OperationalError)) throw error;
    return [note(operationalError.message, { ...field, fix: operationalError.next })];
  } finally {
    clients.close();
  }
}

const retrying = <T>(dependencies: Dependencies, work: () => Promise<T>) =>
  withRetry(dependencies, work, { renew: () => {} });

async function checkTrust(dependencies: Dependencies, region: string, access: RoleAccess): Promise<Note | null> {
  try {
    await retrying(dependencies, () => assume(dependencies, region, access, access.subject));
    return null;
  } catch (error) {
    if (!hasErrorName(error, "AccessDenied", "AccessDeniedException")) throw error;
    return note(`The account ${access.account} does not lend us ${access.roleArn}: ${error.message}`, {
      path: "access.account",
      fix: `Make the role at ${dependencies.origin}/connect/aws, in this browser and in that account. A new one takes up to a minute to be known.`,
    });
  }
}

/**
 * A role that trusts this Slipway but not only this visitor could be used by every other visitor, as a confused deputy:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html. So this tries to assume the role without a
 * subject and as another one.
 */
async function checkConfusedDeputy(
  dependencies: Dependencies,
  region: string,
  access: RoleAccess,
): Promise<Note | null> {
  for (const subject of [null, dependencies.deriveSecret("aws: no visitor at all").slice(0, access.subject.length)]) {
    try {
      await retrying(dependencies, () => assume(dependencies, region, access, subject));
    } catch (error) {
      if (isServiceException(error) && /^AccessDenied/.test(error.name)) continue;
      throw error;
    }
    const condition =
      access.way === "role"
        ? subject === null
          ? "without an external id"
          : "with any external id"
        : "for any subject";
    return note(`The role ${access.roleArn} lets us in ${condition}: anybody could have us deploy into your account.`, {
      path: "access.account",
      fix: `Make the role anew from ${dependencies.origin}/connect/aws: it trusts only you.`,
    });
  }
  return null;
}

/** The stack limit is the one quota that CloudFormation itself returns. */
async function checkStackLimit(clients: AccountClients): Promise<Note[]> {
  const { AccountLimits = [] } = await clients.cloudformation((cfn) => cfn.describeAccountLimits({}));
  const limit = AccountLimits.find(({ Name }) => Name === "StackLimit")?.Value;
  if (limit === undefined) return [];
  let count = 0;
  let NextToken: string | undefined;
  do {
    const page = await clients.cloudformation((cfn) => cfn.listStacks({ NextToken }));
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

async function checkTemplate(clients: AccountClients, access: RoleAccess, template: Template): Promise<Note[]> {
  const upload = { clients, access, run: { id: `look-${access.subject}` }, template };
  try {
    const input = await templateArgument(upload);
    await clients.cloudformation((cfn) => cfn.validateTemplate(input)).finally(() => deleteUploadedTemplate(upload));
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
        note(`The bucket ${roleResources(access).bucket} is missing, through which a template this long has to go.`, {
          path: "access.account",
          fix: "Make the role anew with our template: its stack makes the bucket, too.",
        }),
      ];
    throw error;
  }
}
