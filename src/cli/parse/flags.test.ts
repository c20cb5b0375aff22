import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Flag, parseFlags } from './flags.ts'

const flags: Flag[] = [
  { name: 'alias', kind: 'bool', help: '' },
  { name: 'delete', short: 'd', kind: 'bool', help: '' },
  { name: 'output', short: 'o', kind: 'string', help: '' },
  { name: 'dry-run', kind: 'string', default: 'none', bare: 'unchanged', help: '' },
  { name: 'chunk-size', kind: 'int', default: 500, help: '' },
  { name: 'timeout', kind: 'duration', help: '' },
  { name: 'for', kind: 'list', help: '' },
  { name: 'annotation', short: 'A', shortDeprecated: 'use --annotation', kind: 'array', help: '' },
  { name: 'old', kind: 'bool', deprecated: 'use new', help: '' },
]
const parse = (...argv: string[]) => parseFlags(flags, argv)

it('takes flags and arguments in any order', () => {
  const parsed = parse('a', '--alias', '-o', 'json', 'b', '--output=yaml', '--', '-x')
  assert.deepEqual(parsed.args, ['a', 'b', '-x'])
  assert.equal(parsed.bool('alias'), true)
  assert.equal(parsed.string('output'), 'yaml')
})

it('a boolean takes no next word', () => {
  const parsed = parse('--alias', 'false')
  assert.equal(parsed.bool('alias'), true)
  assert.deepEqual(parsed.args, ['false'])
  assert.equal(parse('--alias=F').bool('alias'), false)
})

it('joins short flags', () => {
  const parsed = parse('-dojson')
  assert.equal(parsed.bool('delete'), true)
  assert.equal(parsed.string('output'), 'json')
  assert.equal(parse('-o=wide').string('output'), 'wide')
})

it('collects lists', () => {
  assert.deepEqual(parse('--for=a,b', '--for', 'c').list('for'), ['a', 'b', 'c'])
  assert.deepEqual(parse('-A', 'a=1,2', '-A', 'b').list('annotation'), ['a=1,2', 'b'])
})

it('knows defaults, bare values and what was given', () => {
  assert.equal(parse().int('chunk-size'), 500)
  assert.equal(parse('--dry-run').string('dry-run'), 'unchanged')
  assert.equal(parse('--timeout=1m30s').duration('timeout'), 90_000)
  assert.equal(parse('--chunk-size=0').changed('chunk-size'), true)
  assert.equal(parse().changed('chunk-size'), false)
})

it('notes deprecated flags', () => {
  assert.deepEqual(parse('--old', '-A', 'x', '--annotation=y').notes, [
    'Flag --old has been deprecated, use new',
    'Flag shorthand -A has been deprecated, use --annotation',
  ])
})

const refusals: [string[], RegExp][] = [
  [['--nope'], /^unknown flag: --nope$/],
  [['-x'], /^unknown shorthand flag: 'x' in -x$/],
  [['--output'], /^flag needs an argument: --output$/],
  [['-o'], /^flag needs an argument: 'o' in -o$/],
  [['--=x'], /^bad flag syntax: --=x$/],
  [
    ['--chunk-size=x'],
    /^invalid argument "x" for "--chunk-size" flag: strconv.ParseInt: parsing "x": invalid syntax$/,
  ],
  [['--timeout=5'], /^invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"$/],
  [
    ['-d=x'],
    /^invalid argument "x" for "-d, --delete" flag: strconv.ParseBool: parsing "x": invalid syntax$/,
  ],
]
for (const [argv, message] of refusals) {
  it(`refuses ${argv.join(' ')}`, () => assert.throws(() => parse(...argv), { name: 'FlagError', message }))
}
