/** Does this every so many milliseconds, and keeps no process alive for it. What is thrown is logged: the next time comes all the same. */
export function startInterval(milliseconds: number, act: () => void, log: (message: string, error: unknown) => void) {
  const timer = setInterval(() => {
    try {
      act();
    } catch (error) {
      log("what is done regularly threw", error);
    }
  }, milliseconds).unref();
  return { stop: () => clearInterval(timer) };
}
