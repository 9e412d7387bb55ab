/** A look that is answered at once, unless it was called off before. */
export const looked =
  <T>(answer: () => T) =>
  async (signal?: AbortSignal): Promise<T> => {
    signal?.throwIfAborted()
    return answer()
  }
