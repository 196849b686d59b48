import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startInterval } from "../../src/interval.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("an error is logged, the next run happens, and none after stop", () => {
  let times = 0;
  const logged: unknown[] = [];
  const act = () => {
    times++;
    throw new Error(`the disk is full ${times}`);
  };
  const { stop } = startInterval(1000, act, (_, error) => logged.push(String(error)));
  vi.advanceTimersByTime(2500);
  expect(logged).toEqual(["Error: the disk is full 1", "Error: the disk is full 2"]);
  stop();
  vi.advanceTimersByTime(5000);
  expect(times).toBe(2);
});
