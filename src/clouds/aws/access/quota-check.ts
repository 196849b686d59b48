import { type Note, note } from "../../../result.ts";
import type { Template } from "../cloudformation.ts";
import { isNetworkError, isServiceException } from "../provision/api/retry.ts";
import { type Quota, type QuotaQuery, quotas } from "./quotas.ts";

/** In milliseconds: what is only good to know may not keep the visitor waiting. */
const patience = 10_000;

/**
 * The quotas of the region that a stack of this template would break. What AWS does not tell, because it may not or
 * cannot, is no problem here: the stack would say so itself.
 */
export async function checkQuotas(
  { region, ...where }: Omit<QuotaQuery, "signal"> & { region: string },
  template: Template,
): Promise<Note[]> {
  const ask: QuotaQuery = { ...where, signal: AbortSignal.timeout(patience) };
  const limits = new Map<string, Promise<number | undefined>>();
  const limitOf = (service: string, code: string) => {
    const limit = limits.get(code) ?? told(ask, () => applied(ask, service, code));
    limits.set(code, limit);
    return limit;
  };
  const look = async (quota: Quota): Promise<Note[]> => {
    const needs = quota.required(template);
    if (!(needs > 0)) return [];
    const { service, code, risesWith: other = code, used: taken } = quota;
    const [own, others, used] = await Promise.all([
      limitOf(service, code),
      limitOf(service, other),
      told(ask, async () => taken?.(ask)),
    ]);
    if (own === undefined || others === undefined) return [];
    const limit = Math.max(own, others);
    return (used ?? 0) + needs <= limit ? [] : [full(quota, { region, limit, used, needs })];
  };
  return (await Promise.all(quotas.map(look))).flat();
}

async function applied(
  { look, signal }: QuotaQuery,
  ServiceCode: string,
  QuotaCode: string,
): Promise<number | undefined> {
  const asked = { ServiceCode, QuotaCode };
  const { Quota: quota } = await look.quotas((one) => one.getServiceQuota(asked, { abortSignal: signal }), signal);
  // An answer may be no more than the reason why there is none, and its value is nothing to go by:
  // https://github.com/hashicorp/terraform-provider-aws/issues/19719
  return quota?.ErrorReason ? undefined : quota?.Value;
}

/** What AWS says; undefined when it refuses or does not answer in time. */
async function told<T>({ signal }: QuotaQuery, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || isServiceException(error) || isNetworkError(error)) return undefined;
    throw error;
  }
}

function full(
  { service, code, what }: Quota,
  { region, limit, used, needs }: { region: string; limit: number; used: number | undefined; needs: number },
): Note {
  const higher = `https://${region}.console.aws.amazon.com/servicequotas/home/services/${service}/quotas/${code}`;
  return used === undefined
    ? note(`Your account may use ${limit} ${what} in this region, and the app needs ${needs}.`, {
        path: "region",
        fix: `Choose another region or a smaller preset, or ask AWS for a higher quota: ${higher}`,
      })
    : note(`Your account has ${used} ${what} in this region and may have ${limit}; the app needs ${needs} more.`, {
        path: "region",
        fix: `Delete ${what} you no longer need, choose another region, or ask AWS for a higher quota: ${higher}`,
      });
}
