import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'
import { runAgainst } from '../test-cli.ts'
import { splitLine } from './split-line.ts'

const list = (...names: string[]) => ({ items: names.map((name) => ({ metadata: { name } })) })
const image = '/apis/image.openshift.io/v1/namespaces'
const exchanges = {
  streams: { on: `GET ${image}/demo/imagestreams?limit=500`, answer: list('ruby', 'rust', 'app') },
  tags: { on: `GET ${image}/demo/imagestreamtags?limit=500`, answer: list('ruby:2.0', 'ruby:2.1', 'app:v1') },
  others: { on: `GET ${image}/other/imagestreams?limit=500`, answer: list('theirs') },
}

async function complete(line: string, ...answers: Parameters<typeof runAgainst>[1]): Promise<string[]> {
  const run = await runAgainst(['__complete', line], answers, { program: 'weir' })
  assert.equal(run.stderr, '')
  assert.equal(run.code, 0)
  return run.stdout.split('\n').slice(0, -1)
}

it('takes a line apart as a shell does', () => {
  assert.deepEqual(splitLine('weir get "a b"\'c\' d\\ e '), ['weir', 'get', 'a bc', 'd e', ''])
  assert.deepEqual(splitLine('weir tag x'), ['weir', 'tag', 'x'])
  assert.deepEqual(splitLine(''), [''])
})

it('completes commands and groups, and hides what is hidden', async () => {
  assert.deepEqual(await complete('weir im'), ['image', 'import-image'])
  assert.deepEqual(await complete('weir set '), ['image', 'image-lookup', 'triggers'])
  assert.deepEqual(await complete('weir -n demo set image-l'), ['image-lookup'])
  assert.deepEqual(await complete('weir __'), [])
})

it('completes flags, and the values of some', async () => {
  assert.deepEqual(await complete('weir tag --re'), [
    '--reference',
    '--reference-policy=',
    '--request-timeout=',
  ])
  assert.deepEqual(await complete('weir tag --reference-policy='), [
    '--reference-policy=local',
    '--reference-policy=source',
  ])
  assert.deepEqual(await complete('weir get is -o j'), ['json', 'jsonpath='])
  assert.deepEqual(await complete('weir get --filename '), [])
})

it('asks the server for types, names and tags, in the namespace that is meant', async () => {
  assert.deepEqual(await complete('weir get imagest'), ['imagestreams', 'imagestreamtags'])
  assert.deepEqual(await complete('weir describe is ru', exchanges.streams), ['ruby', 'rust'])
  assert.deepEqual(await complete('weir get is/ru', exchanges.streams), ['is/ruby', 'is/rust'])
  assert.deepEqual(await complete('weir tag ruby:', exchanges.tags), ['ruby:2.0', 'ruby:2.1'])
  assert.deepEqual(await complete('weir tag ruby:2.0 a', exchanges.tags), ['app:v1'])
  assert.deepEqual(await complete('weir get is -n other ', exchanges.others), ['theirs'])
})

it('is silent about a server that refuses, and a type that nobody has', async () => {
  assert.deepEqual(await complete('weir tag ruby:'), [])
  assert.deepEqual(await complete('weir get nosuch x'), [])
})

it('bash completes words with colons with the script that completion prints', async () => {
  const { stdout: script } = await runAgainst(['completion', 'bash'], [], { program: 'weir' })
  const run = (line: string, current: string, candidates: string) =>
    spawnSync(
      'bash',
      [
        '-c',
        `${script}
weir() { printf '%s' "$CANDIDATES"; }
COMP_WORDBREAKS=$' \\t\\n=:' COMP_LINE=$LINE COMP_POINT=\${#LINE} COMP_WORDS=(weir tag "$CURRENT") COMP_CWORD=2
_weir_complete
printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      { encoding: 'utf8', env: { ...process.env, LINE: line, CURRENT: current, CANDIDATES: candidates } },
    ).stdout
  assert.equal(run('weir tag ru', 'ru', 'ruby:2.0\nruby:2.1\n'), 'ruby:2.0\nruby:2.1\n')
  assert.equal(run('weir tag ruby:2', '2', 'ruby:2.0\nruby:2.1\n'), '2.0\n2.1\n')
  assert.equal(run('weir tag ruby:', ':', 'ruby:2.0\nruby:2.1\n'), '2.0\n2.1\n')
  assert.equal(run('weir tag --reference-policy=l', 'l', '--reference-policy=local\n'), 'local\n')
})

it('prints scripts for three shells, under the name that it was called by', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const run = await runAgainst(['completion', shell], [], { program: 'oc' })
    assert.match(run.stdout, /\boc __complete\b/)
  }
  const other = await runAgainst(['completion', 'tcsh'], [])
  assert.equal(other.stderr, 'error: Unsupported shell type "tcsh".\n')
})
