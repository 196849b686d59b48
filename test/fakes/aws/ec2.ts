import { type Caller, may } from "./account.ts";
import { type Answer, type Asked, AwsError, xml } from "./protocol.ts";

/** The parameters of each action, and the type of the resources it returns. */
const actions: Record<string, { takes: string; type: string; set: string }> = {
  DescribeVpcs: { takes: "NextToken", type: "AWS::EC2::VPC", set: "vpcSet" },
  DescribeInternetGateways: { takes: "NextToken", type: "AWS::EC2::InternetGateway", set: "internetGatewaySet" },
  // This action has no pages: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html
  DescribeAddresses: { takes: "", type: "AWS::EC2::EIP", set: "addressesSet" },
};
/** A small page, so that clients have to fetch the next one. */
const page = 3;

/** EC2, only its actions that describe resources. */
export function ec2(caller: Caller, input: Asked): Answer {
  const { Action, Version: _, ...rest } = input;
  const known = actions[`${Action}`];
  if (!known) throw new AwsError("InvalidAction", `The action ${Action} is not valid for this web service.`);
  for (const name of Object.keys(rest))
    if (!known.takes.split(" ").includes(name))
      throw new AwsError("UnknownParameter", `The parameter ${name} is not recognized`);
  if (!may(caller, `ec2:${Action}`, "*"))
    throw new AwsError(
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: ${caller.arn} is not authorized to perform: ec2:${Action} because no identity-based policy allows the ec2:${Action} action`,
      403,
    );
  const { account } = caller;
  const mine = [...account.resources].map(([id, type]) => ({ id, type, owner: account.id, pool: "amazon" }));
  const all = [...mine, ...account.foreign].filter(({ type }) => type === known.type);
  const rows = all.map(({ id, owner, pool }) =>
    known.set === "addressesSet"
      ? { allocationId: id, domain: "vpc", publicIpv4Pool: pool }
      : { [known.set === "vpcSet" ? "vpcId" : "internetGatewayId"]: id, ownerId: owner },
  );
  if (!known.takes) return { [known.set]: { item: rows } };
  const from = Number(rest.NextToken ?? 0);
  if (!(from >= 0)) throw new AwsError("InvalidNextToken", "The token is not valid");
  return {
    [known.set]: { item: rows.slice(from, from + page) },
    nextToken: from + page < rows.length ? `${from + page}` : undefined,
  };
}

export const ec2Answered = (namespace: string, action: string, result: Answer) =>
  xml(`${action}Response`, { requestId: "7a62c49f", ...(result as object) }, true).replace(
    `<${action}Response>`,
    `<${action}Response xmlns="${namespace}">`,
  );

/** EC2 wraps errors in its own way and has its own names for authentication errors. */
export const ec2Refused = ({ code, message }: AwsError) => {
  const Code = { InvalidClientTokenId: "AuthFailure", ExpiredToken: "RequestExpired" }[code] ?? code;
  return `<Response>${xml("Errors", { Error: { Code, Message: message } })}<RequestID>7a62c49f</RequestID></Response>`;
};
