import { OperationalError } from "../../../cloud.ts";
import { isNetworkError, isServiceException } from "./retry.ts";

const retryAdvice = "Try again in a minute.";

/** Advice by the error's name. */
const remedies: [RegExp, string][] = [
  [
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/,
    "Look whether the stack that lends us the role is still there and whole, or lend access again.",
  ],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|RegionDisabledException|OptInRequired|AuthFailure)$/,
    "Switch this region on for your account (Account, AWS Regions), or choose another one.",
  ],
  [
    /^(InvalidIdentityToken|IDPCommunicationError|IDPRejectedClaim|ExpiredToken)(Exception)?$/,
    "AWS could not check who we are: it has to reach this Slipway's address over HTTPS. Tell whoever runs it.",
  ],
  [/^(LimitExceededException|LimitExceeded)$/, "Remove stacks you no longer need, or ask AWS for a higher quota."],
  [
    /^(InsufficientCapabilitiesException|ValidationError)$/,
    "This is for whoever runs this Slipway to mend: tell them.",
  ],
];

/** IAM is eventually consistent: a new role may not be usable at once. */
const propagationAdvice = "If the role was made only just now, try again in a minute; if not, make it anew.";

/**
 * Converts an error of AWS or of the network to an OperationalError with AWS's message and advice. Returns any other
 * error unchanged, as it is a bug of ours.
 */
export function toOperationalError(error: unknown): unknown {
  if (isNetworkError(error)) return new OperationalError("AWS did not answer.", retryAdvice, { cause: error });
  if (!isServiceException(error)) return error;
  const [, advice = retryAdvice] = remedies.find(([pattern]) => pattern.test(error.name)) ?? [];
  const next = /cannot be assumed/.test(error.message) ? propagationAdvice : advice;
  return new OperationalError(`AWS says: ${error.message || error.name}`, next, { cause: error });
}
