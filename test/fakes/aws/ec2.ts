import { type Caller, may } from "./account.ts";
import { AwsError, type QueryInput, type ResponseBody, xml } from "./protocol.ts";

/** The parameters of each action, and the type of the resources it returns. */
const actions: Record<string, { parameters: string; type: string; resultSet: string }> = {
  DescribeVpcs: { parameters: "NextToken", type: "AWS::EC2::VPC", resultSet: "vpcSet" },
  DescribeInternetGateways: {
    parameters: "NextToken",
    type: "AWS::EC2::InternetGateway",
    resultSet: "internetGatewaySet",
  },
  // This action has no pages: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html
  DescribeAddresses: { parameters: "", type: "AWS::EC2::EIP", resultSet: "addressesSet" },
};
/** A small page, so that clients have to fetch the next one. */
const pageSize = 3;

/** EC2, only its actions that describe resources. */
export function ec2(caller: Caller, input: QueryInput): ResponseBody {
  const { Action, Version: _, ...rest } = input;
  const definition = actions[`${Action}`];
  if (!definition) throw new AwsError("InvalidAction", `The action ${Action} is not valid for this web service.`);
  for (const name of Object.keys(rest))
    if (!definition.parameters.split(" ").includes(name))
      throw new AwsError("UnknownParameter", `The parameter ${name} is not recognized`);
  if (!may(caller, `ec2:${Action}`, "*"))
    throw new AwsError(
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: ${caller.arn} is not authorized to perform: ec2:${Action} because no identity-based policy allows the ec2:${Action} action`,
      403,
    );
  const { account } = caller;
  const owned = [...account.resources].map(([id, type]) => ({ id, type, owner: account.id, pool: "amazon" }));
  const matching = [...owned, ...account.foreign].filter(({ type }) => type === definition.type);
  const rows = matching.map(({ id, owner, pool }) =>
    definition.resultSet === "addressesSet"
      ? { allocationId: id, domain: "vpc", publicIpv4Pool: pool }
      : { [definition.resultSet === "vpcSet" ? "vpcId" : "internetGatewayId"]: id, ownerId: owner },
  );
  if (!definition.parameters) return { [definition.resultSet]: { item: rows } };
  const offset = Number(rest.NextToken ?? 0);
  if (!(offset >= 0)) throw new AwsError("InvalidNextToken", "The token is not valid");
  return {
    [definition.resultSet]: { item: rows.slice(offset, offset + pageSize) },
    nextToken: offset + pageSize < rows.length ? `${offset + pageSize}` : undefined,
  };
}

export const formatEc2Response = (namespace: string, action: string, result: ResponseBody) =>
  xml(`${action}Response`, { requestId: "7a62c49f", ...(result as object) }, true).replace(
    `<${action}Response>`,
    `<${action}Response xmlns="${namespace}">`,
  );

/** EC2 wraps errors in its own way and has its own names for authentication errors. */
export const formatEc2Error = ({ code, message }: AwsError) => {
  const Code = { InvalidClientTokenId: "AuthFailure", ExpiredToken: "RequestExpired" }[code] ?? code;
  return `<Response>${xml("Errors", { Error: { Code, Message: message } })}<RequestID>7a62c49f</RequestID></Response>`;
};
