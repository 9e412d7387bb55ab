/** A look that is answered at once, where it was not called off before; `reach` throws where nobody can be reached. */
export const looked =
  <T>(answer: () => T, reach = (signal?: AbortSignal) => signal?.throwIfAborted()) =>
  async (signal?: AbortSignal): Promise<T> => {
    reach(signal)
    return answer()
  }
