import { type Note, note } from "../../../result.ts";
import type { Template } from "../cloudformation.ts";
import { isNetworkError, isServiceException } from "../provision/api/retry.ts";
import { type Quota, type QuotaQuery, quotas } from "./quotas.ts";

/** The checks are a convenience and must not keep the visitor waiting. */
const timeoutMs = 10_000;

/**
 * Returns the quotas of the region that a stack of this template would exceed. A quota that AWS does not return is not
 * a problem here: the stack itself would report it.
 */
export async function checkQuotas(
  { region, ...account }: Omit<QuotaQuery, "signal"> & { region: string },
  template: Template,
): Promise<Note[]> {
  const query: QuotaQuery = { ...account, signal: AbortSignal.timeout(timeoutMs) };
  const limits = new Map<string, Promise<number | undefined>>();
  const limitOf = (service: string, code: string) => {
    const limit = limits.get(code) ?? ifAvailable(query, () => appliedQuota(query, service, code));
    limits.set(code, limit);
    return limit;
  };
  const checkQuota = async (quota: Quota): Promise<Note[]> => {
    const required = quota.required(template);
    if (!(required > 0)) return [];
    const { service, code, risesWith: parentCode = code, used: countUsed } = quota;
    const [quotaLimit, parentLimit, used] = await Promise.all([
      limitOf(service, code),
      limitOf(service, parentCode),
      ifAvailable(query, async () => countUsed?.(query)),
    ]);
    if (quotaLimit === undefined || parentLimit === undefined) return [];
    const limit = Math.max(quotaLimit, parentLimit);
    return (used ?? 0) + required <= limit ? [] : [quotaNote(quota, { region, limit, used, needs: required })];
  };
  return (await Promise.all(quotas.map(checkQuota))).flat();
}

async function appliedQuota(
  { clients: checkQuota, signal }: QuotaQuery,
  ServiceCode: string,
  QuotaCode: string,
): Promise<number | undefined> {
  const input = { ServiceCode, QuotaCode };
  const { Quota: quota } = await checkQuota.quotas(
    (client) => client.getServiceQuota(input, { abortSignal: signal }),
    signal,
  );
  // The response may hold only an error reason, and its value is then meaningless:
  // https://github.com/hashicorp/terraform-provider-aws/issues/19719
  return quota?.ErrorReason ? undefined : quota?.Value;
}

/** Returns the response, or undefined if AWS refuses or does not respond in time. */
async function ifAvailable<T>({ signal }: QuotaQuery, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || isServiceException(error) || isNetworkError(error)) return undefined;
    throw error;
  }
}

function quotaNote(
  { service, code, what }: Quota,
  { region, limit, used, needs: required }: { region: string; limit: number; used: number | undefined; needs: number },
): Note {
  const increaseUrl = `https://${region}.console.aws.amazon.com/servicequotas/home/services/${service}/quotas/${code}`;
  return used === undefined
    ? note(`Your account may use ${limit} ${what} in this region, and the app needs ${required}.`, {
        path: "region",
        fix: `Choose another region or a smaller preset, or ask AWS for a higher quota: ${increaseUrl}`,
      })
    : note(`Your account has ${used} ${what} in this region and may have ${limit}; the app needs ${required} more.`, {
        path: "region",
        fix: `Delete ${what} you no longer need, choose another region, or ask AWS for a higher quota: ${increaseUrl}`,
      });
}
