import { z } from 'zod'

/** What a token allows: each also what stands before it. */
export const Role = z.enum(['viewer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>
