/** `950 ms`, `7.2 s`, `3 min 07 s`. */
export function formatDuration(elapsedMs: number): string {
  if (elapsedMs < 1000) {
    return `${Math.round(elapsedMs)} ms`;
  }
  const seconds = elapsedMs / 1000;
  if (seconds < 59.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
