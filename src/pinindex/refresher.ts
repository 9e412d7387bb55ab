/** Who makes an index anew: this thread, or another one. */
export interface Refresher {
  /** Resolves when a new index is in place; one that is being made is waited for. Rejects when it could not be made. */
  refresh(signal?: AbortSignal): Promise<void>
  /** Throws why the last index could not be made, unless one was made since. */
  throwIfFailed(): void
}
