/** Runs a callback every `intervalMs`. Errors are logged, and the timer does not keep the process alive. */
export function startInterval(
  intervalMs: number,
  callback: () => void,
  log: (message: string, error: unknown) => void,
) {
  const timer = setInterval(() => {
    try {
      callback();
    } catch (error) {
      log("interval callback threw", error);
    }
  }, intervalMs).unref();
  return { stop: () => clearInterval(timer) };
}
