const checkMs = 1000;

/**
 * Under npm, asks this process to end when npm is gone: npm's shell does not pass signals on, and whoever ended
 * npm wanted what it runs to end.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
  }, checkMs).unref();
}
