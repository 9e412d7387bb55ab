import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, nat, property, string } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AgentConfig } from '../../domain/agent-config.ts'
import { Fleet } from '../../domain/fleet.ts'
import { readAgentConfig } from './agent-file.ts'
import { ConfigInvalid, problemText } from './config-invalid.ts'
import { readFleet } from './fleet-file.ts'
import { parseYaml } from './parse-yaml.ts'

const samples = join(import.meta.dirname, '../../../test/fixtures/fleet')
const invalid = join(samples, 'invalid')

const aName = 'a name is letters, digits, `.`, `_`, `-`, at most 63, and starts with a letter or digit'
const anAddress = 'an address is local, unix:/PATH or ssh://[USER@]HOST[:PORT]'
const anUrl =
  'an API address is http://HOST:PORT, https://HOST:PORT or unix:/PATH (credentials are given by reference, under auth)'
const aSecret = 'a secret is named by { file: /PATH } or { env: NAME }'
const hostKeys = 'name, address, token, grantToken, stores'
const storeKeys = 'name, tier, cluster, pool, dataset, clusterApi, kuboApi, peer'

/** Every file in fixtures/fleet/invalid, and all that is said of it. */
const expected: Record<string, string[]> = {
  'alias-bomb': [
    '1:1: aliases (*name) cannot be resolved: Excessive alias count indicates a resource exhaustion attack',
  ],
  'bad-address': [`8:14: hosts[0].address: ${anAddress}`],
  'bad-consensus': ['4:16: clusters[0].consensus: not an allowed value; allowed: crdt, raft'],
  'bad-duration': ['15:34: checks.scrubOverdue.after: a duration is a number and one of ms, s, m, h, d: 30s, 15m, 35d'],
  'bad-percent': [
    '6:26: tiers[0].poolFill.warning: expected text (a share is written in percent: 80%), found a number',
    '6:40: tiers[0].poolFill.critical: a share is at most 100%',
  ],
  'bad-url': [`14:18: hosts[0].stores[0].kuboApi: ${anUrl}`],
  'comments-only': ['1:1: the file is empty'],
  'duplicate-host': ['15:11: hosts[1].name: the host n1 is declared twice; names are unique'],
  'duplicate-key': ['9:5: the key address stands twice in this map; keys are unique'],
  'duplicate-store': ['15:17: hosts[0].stores[1].name: the store hot is declared twice; names are unique'],
  empty: ['1:1: the file is empty'],
  'empty-value': [`8:5: hosts[0].address: expected text (${anAddress}), found nothing`],
  'inline-password': [`14:96: hosts[0].stores[0].clusterApi.auth.basic.password: ${aSecret}`],
  'inline-token': [`9:12: hosts[0].token: ${aSecret}`],
  'key-and-name': [
    `8:5: hosts[0].adress: unknown key (did you mean address?); allowed: ${hostKeys}`,
    '16:11: hosts[1].name: the host n1 is declared twice; names are unique',
  ],
  list: ['1:1: expected a map (key: value), found a list'],
  'missing-address': [`7:5: hosts[0].address: is missing; expected text (${anAddress})`],
  'no-tiers': ['9:15: hosts[0].stores[0].tier: unknown tier hot; no tiers are declared'],
  'number-for-text': [`7:11: hosts[0].name: expected text (${aName}), found a number`],
  'other-version': ['1:13: apiVersion: not an allowed value; allowed: 1'],
  'password-in-url': [
    '14:21: hosts[0].stores[0].clusterApi: an API address holds no password: give it by reference, under auth',
  ],
  proto: [`3:33: hosts[0].__proto__: unknown key; allowed: ${hostKeys}`],
  several: [
    '4:16: clusters[0].consensus: not an allowed value; allowed: crdt, raft',
    `9:14: hosts[0].address: ${anAddress}`,
    `11:9: hosts[0].stores[0].tier: is missing; expected text (${aName})`,
    `12:9: hosts[0].stores[0].teir: unknown key (did you mean tier?); allowed: ${storeKeys}`,
  ],
  syntax: ['7:11: not valid YAML: Nested mappings are not allowed in compact mappings'],
  tabs: ['3:1: a tab indents here; YAML allows spaces only'],
  text: ['1:1: expected a map (key: value), found text'],
  'thresholds-swapped': ['6:15: tiers[0].poolFill: warning must not be above critical'],
  'two-documents': ['3:1: a second document begins here; only one is allowed'],
  unclosed: ['3:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  'unknown-alias': [
    '1:1: aliases (*name) cannot be resolved: Unresolved alias (the anchor must be set before the alias): nowhere',
  ],
  'unknown-cluster': ['12:18: hosts[0].stores[0].cluster: unknown cluster archives; allowed: archive'],
  'unknown-key-far': [`9:5: hosts[0].colour: unknown key; allowed: ${hostKeys}`],
  'unknown-tag': ['2:8: not valid YAML: Unresolved tag: !include'],
  'unknown-tier': ['11:15: hosts[0].stores[0].tier: unknown tier lukewarm; allowed: hot'],
  'url-in-map': [
    `14:28: hosts[0].stores[0].clusterApi.url: ${anUrl}`,
    '14:45: hosts[0].stores[0].clusterApi.tls: unknown key; allowed: url, auth, ca',
  ],
  'wrong-key': [
    `10:9: hosts[0].stores[0].tier: is missing; expected text (${aName})`,
    `11:9: hosts[0].stores[0].teir: unknown key (did you mean tier?); allowed: ${storeKeys}`,
  ],
  'wrong-pool': ['14:18: hosts[0].stores[0].dataset: the dataset cold-tier/ipfs-cluster is not in the pool hot-tier'],
  'wrong-type': ['9:13: hosts[0].stores: expected a list, found text'],
}

/** A fleet, or why the text is none. Any other error fails the test. */
function attempt(text: string): Fleet | ConfigInvalid {
  try {
    return parseYaml('f', text, Fleet).value
  } catch (error) {
    if (error instanceof ConfigInvalid) return error
    throw error
  }
}

function refusal(text: string): ConfigInvalid {
  const answer = attempt(text)
  if (answer instanceof ConfigInvalid) return answer
  throw new Error('this text was accepted')
}

describe('a fleet file that is wrong', () => {
  test('has its refusal written down, and no other has', () => {
    const names = readdirSync(invalid).map((file) => file.replace(/\.yaml$/, ''))
    expect(Object.keys(expected).toSorted()).toEqual(names.toSorted())
  })

  test.each(Object.entries(expected))('%s: every problem with its place and what is allowed', (name, lines) => {
    const { problems, remedy } = refusal(readFileSync(join(invalid, `${name}.yaml`), 'utf8'))
    const said = problems.map((problem) => problemText(problem).replace(/^f:/, ''))
    expect(said).toEqual(lines)
    expect(remedy).toBe('stop')
  })

  test('has no secret told, wherever it stands', () => {
    for (const name of ['inline-password', 'inline-token', 'password-in-url']) {
      const text = readFileSync(join(invalid, `${name}.yaml`), 'utf8')
      expect(text).toContain('hunter2')
      expect(refusal(text).message).not.toContain('hunter2')
    }
  })

  test('is refused as a whole in one message, cut where nobody would read on', () => {
    const many = Array.from({ length: 80 }, (_, index) => `k${index}: 1`).join('\n')
    const { message, problems } = refusal(`apiVersion: 1\nhosts: [{ name: n1, address: local }]\n${many}\n`)
    expect(problems).toHaveLength(80)
    expect(message).toMatch(/^f has 80 problems:\n {2}f:3:1: k0: unknown key/)
    expect(message).toMatch(/\n {2}and 30 more$/)
  })
})

describe('a text from hell', () => {
  test.each([
    ['brackets', '['.repeat(10_000)],
    ['dashes', '- '.repeat(10_000)],
    ['nested lists', 'k: ['.repeat(5000) + ']'.repeat(5000)],
  ])('%s without end are refused', (_, text) => {
    expect(refusal(text).message).toMatch(/nested too deeply|not valid YAML/)
  })

  test(
    'whatever is cut out of a good file or put into it, the answer is a fleet or a refusal with places',
    { timeout: 60_000 },
    () => {
      const good = readFileSync(join(samples, 'tiercel.example.yaml'), 'utf8')
      const at = nat({ max: good.length })
      assert(
        property(at, nat({ max: 60 }), string({ maxLength: 8, unit: 'binary' }), (start, length, put) => {
          const text = good.slice(0, start) + put + good.slice(start + length)
          const answer = attempt(text)
          expect(answer instanceof ConfigInvalid ? answer.problems.length : answer.hosts.length).toBeGreaterThan(0)
        }),
        { numRuns: 60 },
      )
    },
  )
})

describe('a file that is right', () => {
  test.each(['tiercel.example.yaml', 'one-host.yaml', 'aliases.yaml'])('%s is read', async (file) => {
    const fleet = await readFleet(join(samples, file))
    expect(fleet.hosts[0]?.name).toBe('n1')
  })

  test('has its units: shares, durations, defaults', async () => {
    const { tiers, checks } = await readFleet(join(samples, 'aliases.yaml'))
    expect(tiers.map(({ poolFill }) => poolFill)).toEqual([
      { warning: 0.7, critical: 0.755 },
      { warning: 0.7, critical: 0.755 },
    ])
    expect(checks.scrubOverdue.after).toBe(35 * 24 * 60 * 60 * 1000)
  })

  test('is an agent configuration, with the defaults of what it leaves out', async () => {
    const config = await readAgentConfig(join(samples, 'agent.example.yaml'))
    expect(config.stores[0]?.units).toEqual({ cluster: 'ipfs-cluster@hot.service', kubo: 'ipfs@hot.service' })
    expect(config.socket).toBe('/run/tiercel/agent.sock')
  })

  test('is no fleet file when it is an agent configuration', () => {
    const text = readFileSync(join(samples, 'agent.example.yaml'), 'utf8')
    expect(() => parseYaml('f', text, AgentConfig)).not.toThrow()
    expect(refusal(text).problems.map(({ field }) => field)).toContain('hosts')
  })
})

describe('a file that cannot be read', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tiercel-files-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
  })

  test('is missing: what to do next', async () => {
    await expect(readFleet(join(folder, 'none.yaml'))).rejects.toThrow(
      /there is no fleet file here\. Name yours with --fleet/,
    )
    await expect(readAgentConfig(join(folder, 'none.yaml'))).rejects.toThrow(/`tiercel agent install` writes one/)
  })

  test('is a folder', async () => {
    await expect(readFleet(folder)).rejects.toThrow(/is a folder, not a fleet file/)
  })

  test('is not text', async () => {
    const file = join(folder, 'binary.yaml')
    await writeFile(file, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]))
    await expect(readFleet(file)).rejects.toThrow(/not UTF-8/)
  })

  test('is too large, or has no end', async () => {
    await expect(readFleet('/dev/zero')).rejects.toThrow(/larger than 4 MiB/)
  })

  test.skipIf(process.getuid?.() === 0)('is not ours to read (skipped as root, who may read all)', async () => {
    const file = join(folder, 'secret.yaml')
    await writeFile(file, 'apiVersion: 1\n')
    await chmod(file, 0)
    await expect(readFleet(file)).rejects.toThrow(/may not be read by this user/)
  })
})
