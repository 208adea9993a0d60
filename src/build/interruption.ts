/** How a person stops a run, in two degrees. The command line makes one from the process's signals. */
export interface Interruption {
  /** Aborted with the coded error INTERRUPTED: cancel, clean up. */
  readonly signal: AbortSignal;
  /** Aborted as well when asked a second time: do not wait for packer, and clean up within a minute. */
  readonly killSignal: AbortSignal;
}
