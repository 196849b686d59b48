import { aws } from "../../../src/clouds/aws/index.ts";
import { roleStackName } from "../../../src/clouds/aws/role-names.ts";
import type { Access } from "../../../src/clouds/cloud.ts";
import { createTestAws } from "../../fakes/aws/test-aws.ts";
import type { PeerModule } from "../peer.ts";

const limitExceeded = { code: "LimitExceededException", message: "Limit for this has been exceeded.", status: 400 };

/** AWS as a visitor's account sees it, with the role that they created from our template. */
export const awsPeer: PeerModule = {
  name: "AWS",
  databasePrograms: [],
  hasStackEngine: true,
  async start() {
    const env = await createTestAws({ pace: 200 });
    const { failsOnce } = env.aws.engine.settings;
    let access: Access | undefined;
    const deploymentStacks = () => env.aws.stacks().filter(({ name }) => name !== roleStackName);
    const requestsBeforeGrant = () => (access ? env.aws.calls : []);

    return {
      cloud: aws(env.dependencies),
      async grant() {
        if (!access) {
          access = await env.createRole();
          env.aws.calls.length = 0;
        }
        return access;
      },
      requests: () => [
        ...requestsBeforeGrant().filter((call) => /^(?:Create|Update|Delete)Stack$|^S3 (?:PUT|POST|DELETE)/.test(call)),
        // What CloudFormation creates for us, by type.
        ...deploymentStacks().flatMap(({ events, name }) =>
          events.flatMap(({ status, reason, logical, type }) =>
            status === "CREATE_IN_PROGRESS" && reason === "" && logical !== name ? type : [],
          ),
        ),
      ],
      refuse(request) {
        if (request.includes("::")) failsOnce.set(request, `${limitExceeded.message} (Status Code: 400)`);
        else env.aws.failNext(request, limitExceeded, 1);
        return limitExceeded.message;
      },
      async inventory() {
        const stacks = deploymentStacks().filter(({ status }) => status !== "DELETE_COMPLETE");
        const ownerOf = (physical: string) =>
          stacks.flatMap(({ name, resources }) => {
            const logical = [...resources].find(([, resource]) => resource.physical === physical)?.[0];
            return logical ? `${name}/${logical}` : [];
          })[0];
        const uploads = [...env.visitor.account.buckets.values()].flatMap(({ name, versions }) =>
          versions.map(({ key }) => `${name}/${key}`),
        );
        return [
          ...stacks.map(({ name, status }) => `${name} ${status}`),
          ...env.inventory().map((physical) => ownerOf(physical) ?? physical),
          ...uploads,
        ].sort();
      },
      credentials: () => env.aws.credentials(),
      async end() {
        const { bugs } = env.aws;
        await env.close();
        if (bugs.length > 0) throw new AggregateError(bugs, "The fake of AWS failed.");
      },
    };
  },
};
