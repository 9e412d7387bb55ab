import { z } from 'zod'
import { Bytes, Instant } from './units.ts'

/** What the kernel says of one host, whether or not it has ZFS. Never blocks: it comes from /proc. */
export const MachineFacts = z.object({
  /** The release of the kernel that runs: `6.1.0-41-cloud-amd64` (uname(1), `-r`). */
  kernel: z.string().min(1),
  bootedAt: Instant,
  /** Whether users without rights may make user namespaces; null where the kernel does not tell. */
  userNamespaces: z.boolean().nullable(),
  memory: z.object({
    total: Bytes,
    /** What can be given to programs without swapping (proc(5), MemAvailable); the ARC does not count as available there. */
    available: Bytes,
  }),
})
export type MachineFacts = z.infer<typeof MachineFacts>

/** One systemd unit as `systemctl show` tells it; the words are systemd's (org.freedesktop.systemd1(5)). */
export const Unit = z.object({
  /** As it was asked for. */
  name: z.string().min(1),
  /** `loaded`, `not-found`, `masked`, … */
  load: z.string(),
  /** `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating`, … */
  active: z.string(),
  /** `running`, `dead`, `auto-restart`, … */
  sub: z.string(),
  /** Why it ended: `success`, `exit-code`, `signal`, `oom-kill`, …; empty where the unit has none. */
  result: z.string(),
  /** How often systemd has started it again by itself; null where the unit has no such count. */
  restarts: z.int().nonnegative().nullable(),
})
export type Unit = z.infer<typeof Unit>

/** The services that a host should run. */
export const Services = z.object({
  /** `none`: the machine was not started by systemd (sd_booted(3)), so units say nothing. */
  manager: z.enum(['systemd', 'none']),
  /** The declared units, and that of ZED; empty without systemd. */
  units: z.array(Unit),
  /** Whether a ZED runs: by its unit, or by the list of processes; null where neither can be seen. */
  zed: z.boolean().nullable(),
})
export type Services = z.infer<typeof Services>

/** Something beside Tiercel that scrubs, trims, or keeps snapshots of pools by the clock. */
export const Scheduler = z.object({
  /** What people call it: `zfsutils-linux`, `sanoid`, `zrepl`, or the file's name. */
  name: z.string().min(1),
  /** Where it is set up: a file, or a unit. */
  place: z.string(),
  does: z.array(z.enum(['scrub', 'trim', 'snapshot', 'replicate', 'other'])),
})
export type Scheduler = z.infer<typeof Scheduler>

/** What is installed on a host and matters to its ZFS. It changes seldom. */
export const Installed = z.object({
  /** Kernels that can be booted, with whether they have a ZFS module. */
  kernels: z.array(z.object({ release: z.string().min(1), hasZfs: z.boolean() })),
  schedulers: z.array(Scheduler),
  /** Eight hexadecimal digits, as ZFS writes it into labels; null where there is no /etc/hostid, or it is zero. */
  hostId: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .nullable(),
})
export type Installed = z.infer<typeof Installed>

/** This boot, and how the one before it ended, as far as the agent was there to see it. */
export const Boot = z.object({
  /** /proc/sys/kernel/random/boot_id */
  id: z.string().min(1),
  /** null where nobody has kept notes on an earlier boot: the agent is new here, or does not run. */
  previous: z
    .object({
      id: z.string(),
      /** `unknown`: the agent had been stopped by hand before the machine went down. */
      ended: z.enum(['clean', 'unclean', 'unknown']),
      /** The agent's last note in that boot. */
      seenAt: Instant,
    })
    .nullable(),
})
export type Boot = z.infer<typeof Boot>
