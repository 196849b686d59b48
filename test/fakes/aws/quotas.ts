import { type Caller, may } from "./account.ts";
import { AwsError } from "./protocol.ts";

const target = "ServiceQuotasV20190624.";

/** The quotas of a new account. */
const defaultQuotas: Record<string, number> = {
  "vpc/L-F678F1CE": 5,
  "vpc/L-A4707A72": 5,
  "ec2/L-0263D0A3": 5,
  "fargate/L-3032A538": 6,
};

export const quotaAction = (request: Request) => (request.headers.get("x-amz-target") ?? "").replace(target, "");

/** Service Quotas, GetServiceQuota only. A null in the account's quotas is one that it cannot determine. */
export function serviceQuotas(caller: Caller, action: string, body: Uint8Array): object {
  if (action !== "GetServiceQuota") throw new AwsError("UnknownOperationException", "");
  if (!may(caller, `servicequotas:${action}`, "*"))
    throw new AwsError(
      "AccessDeniedException",
      `User: ${caller.arn} is not authorized to perform: servicequotas:${action} with an explicit deny`,
    );
  const { ServiceCode, QuotaCode, ...unknown } = JSON.parse(new TextDecoder().decode(body));
  if (Object.keys(unknown).length > 0)
    throw new AwsError("SerializationException", `Unknown field ${Object.keys(unknown)[0]}`);
  const name = `${ServiceCode}/${QuotaCode}`;
  const { quotas } = caller.account;
  const Value = quotas.has(name) ? quotas.get(name) : defaultQuotas[name];
  if (Value === undefined)
    throw new AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.");
  const details = { ServiceCode, QuotaCode, Adjustable: true, GlobalQuota: false, Unit: "None" };
  return {
    Quota:
      Value === null
        ? { ...details, ErrorReason: { ErrorCode: "DEPENDENCY_ACCESS_DENIED_ERROR", ErrorMessage: "Not authorized" } }
        : { ...details, Value },
  };
}

export const quotaErrorResponse = ({ code, message, status }: AwsError) => {
  const name =
    { InvalidClientTokenId: "UnrecognizedClientException", ExpiredToken: "ExpiredTokenException" }[code] ?? code;
  return Response.json({ __type: name, message }, { status: status === 403 ? 400 : status });
};
