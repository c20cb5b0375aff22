import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseReference } from '../oci/index.ts'
import {
  type AllowedRegistry,
  createWhitelist,
  unrestricted,
  type Whitelist,
  type WhitelistTransport,
  whitelistProblem,
  withRepositories,
} from './whitelist.ts'

function problem(
  whitelist: Whitelist,
  text: string,
  transport: WhitelistTransport = 'secure',
): string | undefined {
  const reference = parseReference(text)
  assert.ok(reference)
  return whitelistProblem(whitelist, reference, transport)
}

function allowing(...domains: (string | AllowedRegistry)[]): Whitelist {
  return createWhitelist(
    domains.map((domain) => (typeof domain === 'string' ? { domainName: domain } : domain)),
    '',
  )
}

describe('whitelistProblem', () => {
  const cases: [string, Whitelist, string, WhitelistTransport, boolean][] = [
    ['no list', unrestricted, 'anywhere.io/a/b', 'secure', true],
    ['exact host', allowing('quay.io'), 'quay.io/a/b', 'secure', true],
    ['other host', allowing('quay.io'), 'docker.io/a/b', 'secure', false],
    ['port 443 is the default', allowing('quay.io'), 'quay.io:443/a/b', 'secure', true],
    ['other port', allowing('quay.io'), 'quay.io:5000/a/b', 'secure', false],
    ['any port', allowing('quay.io:*'), 'quay.io:5000/a/b', 'secure', true],
    ['a wildcard host', allowing('*.example.com'), 'a.b.example.com/x/y', 'secure', true],
    ['a dot is a dot', allowing('a.io'), 'axio.io/a/b', 'secure', false],
    ['one character', allowing('a?.io'), 'ab.io/a/b', 'secure', true],
    [
      'an insecure entry means port 80',
      allowing({ domainName: 'a.io', insecure: true }),
      'a.io/a/b',
      'secure',
      false,
    ],
    [
      'which insecure transport asks for',
      allowing({ domainName: 'a.io', insecure: true }),
      'a.io/a/b',
      'insecure',
      true,
    ],
    [
      'any transport takes 80 and 443',
      allowing({ domainName: 'a.io', insecure: true }),
      'a.io/a/b',
      'any',
      true,
    ],
    ['but no other port', allowing('a.io:5000'), 'a.io/a/b', 'any', false],
    ['and the reference’s own port', allowing('a.io:5000'), 'a.io:5000/a/b', 'any', true],
    ['docker.io stands for the Hub’s hosts', allowing('docker.io'), 'docker.io/a/b', 'secure', true],
    ['and for no host', allowing('docker.io'), 'busybox', 'secure', true],
    ['the Hub’s host by name', allowing('registry-1.docker.io'), 'docker.io/a/b', 'secure', true],
  ]
  for (const [name, whitelist, text, transport, allowed] of cases) {
    it(name, () => assert.equal(problem(whitelist, text, transport) === undefined, allowed))
  }

  it('names the registry as it was written, else host and port', () => {
    assert.equal(
      problem(allowing('a.io'), 'b.io/c/d'),
      'registry "b.io" not allowed by whitelist: "a.io:443"',
    )
    assert.equal(
      problem(allowing('a.io'), 'c/d'),
      'registry "docker.io:443" not allowed by whitelist: "a.io:443"',
    )
  })
  it('shows five entries at most', () => {
    const names = ['1', '2', '3', '4', '5'].map((n) => `${n}.io`)
    assert.match(problem(allowing(...names), 'x.io/a') ?? '', /"4\.io:443", "5\.io:443"$/)
    assert.match(problem(allowing(...names, '6.io'), 'x.io/a') ?? '', /"4\.io:443", and 2 more \.\.\.$/)
  })
})

it('the integrated registry is always allowed, a list of nothing else aside', () => {
  const whitelist = createWhitelist([{ domainName: 'a.io' }], 'reg:5000')
  assert.equal(problem(whitelist, 'reg:5000/a/b'), undefined)
  assert.equal(createWhitelist([], 'reg:5000').allowsAll, true)
})

it('two colons are a mistake', () => {
  assert.throws(() => allowing('a:1:2'), /^Error: failed to parse allowed registry "a:1:2": too many colons$/)
})

it('withRepositories lets single repositories through', () => {
  const known = parseReference('evil.io/a/b:tag')
  assert.ok(known)
  const whitelist = withRepositories(allowing('a.io'), [known])
  assert.equal(problem(whitelist, 'evil.io/a/b:other'), undefined)
  assert.ok(problem(whitelist, 'evil.io/a/c'))
})
