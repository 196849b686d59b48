import type { Refused } from "./errors.ts";

/** A token lives for an hour, and ends sooner when the visitor takes it back. */
export const lapsed = ({ status, code }: Pick<Refused, "status" | "code">): boolean =>
  status === 401 || code === "UNAUTHENTICATED" || code === "invalid_grant";

export const expired = "The access that was lent to us is over.";
export const lendAgain =
  "Everything is kept as it is. Lend access to the same project again, and it goes on from here; or remove it.";
