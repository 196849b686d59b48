import { userInfo } from "node:os";

/** Whether the current user has a name on this machine: `initdb` refuses to run without one. */
export function hasAccount(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false;
  }
}
