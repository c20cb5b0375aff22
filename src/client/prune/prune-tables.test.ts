import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { ImageStream } from '../../api/index.ts'
import { createImagePrune, type ImageFacts, type ImageTable } from '../../image/index.ts'
import { openPruneTables } from './prune-tables.ts'

const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

function tableOf(facts: Iterable<ImageFacts>): ImageTable & Disposable {
  const { images, ...tables } = openPruneTables()
  for (const one of facts) images.add(one)
  return { ...images, [Symbol.dispose]: tables[Symbol.dispose] }
}

describe('a table of images', () => {
  const factsOf = (n: number): ImageFacts => ({
    name: n % 7 === 0 ? `name-${n}` : digest(`image ${n}`),
    created: 1_700_000_000_000 + n,
    managed: n % 2 === 0,
    blobs: Array.from({ length: n % 5 }, (_, layer) => digest(`layer ${n % 3} ${layer}`)),
    children: n % 10 === 0 ? [digest(`image ${n + 1}`), digest('elsewhere')] : [],
    ...(n % 11 === 0 ? { subject: digest(`image ${n % 4}`) } : {}),
    size: n * 5_000_000_000,
  })

  it('gives back what it was given, in its order', () => {
    const all = Array.from({ length: 2000 }, (_, n) => factsOf(n))
    using table = tableOf(all)
    for (const facts of all) assert.deepEqual(table.get(facts.name), facts)
    assert.deepEqual([...table.unused()], all)
    assert.equal(table.get(digest('layer 1 0')), undefined)
    assert.equal(table.get('none'), undefined)
    assert.deepEqual(
      new Set(table.referrersOf(digest('image 1'))),
      new Set(all.filter(({ subject }) => subject === digest('image 1')).map(({ name }) => name)),
    )
  })

  it('keeps what came first of a name, and counts it once', () => {
    const facts: ImageFacts = { ...factsOf(1), blobs: ['l'] }
    using table = tableOf([facts])
    assert.equal(table.add({ ...facts, size: 1, blobs: ['l', 'm'] }), false)
    assert.deepEqual(table.get(facts.name), facts)
    assert.deepEqual([table.isHeld('l'), table.isHeld('m')], [true, false])
    assert.deepEqual(table.release(facts), ['l', facts.name])
    assert.deepEqual(table.release(facts), [])
  })

  it('knows of use before and after an image comes, and leaves out who comes or is used meanwhile', () => {
    const facts = (name: string): ImageFacts => ({ ...factsOf(3), name })
    using table = tableOf(['a', 'b', 'c', 'd'].map(facts))
    assert.deepEqual([table.use('b'), table.use('b'), table.use('later')], [true, false, true])
    const names: string[] = []
    for (const { name } of table.unused()) {
      names.push(name)
      if (name === 'a') table.use('c')
      for (let n = 0; n < 500; n++) table.add(facts(`new ${name} ${n}`))
    }
    assert.deepEqual(names, ['a', 'd'])
    assert.equal(table.add(facts('later')), true)
    assert.deepEqual([table.isUsed('later'), table.isUsed('a')], [true, false])
    assert.deepEqual(table.get('later'), facts('later'))
  })

  it('keeps what its memory has no room for in a file without a name, which goes when it ends', () => {
    /** Sizes of temporary files of SQLite that are open, and whether they have a name. */
    const temporary = () =>
      readdirSync('/proc/self/fd').flatMap((fd) => {
        const path = `/proc/self/fd/${fd}`
        try {
          const name = readlinkSync(path)
          return name.includes('etilqs') ? [{ name, size: statSync(path).size }] : []
        } catch {
          // It was the folder itself.
          return []
        }
      })
    const { images, ...tables } = openPruneTables({ cache: 512 })
    const count = 5000
    for (let n = 0; n < count; n++) {
      const blobs = Array.from({ length: 4 }, (_, layer) => digest(`own ${n} ${layer}`))
      images.add({ ...factsOf(n), name: digest(`image ${n}`), blobs })
    }
    const [file, ...others] = temporary()
    assert.deepEqual(others, [])
    // Each name once as text among the facts, and once as 32 bytes.
    const least = count * 5 * (71 + 32)
    assert(file !== undefined && file.size > least - 512 * 1024, `${file?.size} of ${least} bytes`)
    assert(file.name.endsWith(' (deleted)'), file.name)
    tables[Symbol.dispose]()
    assert.deepEqual(temporary(), [])
  })

  it('says nothing any more once there was no room, rather than something wrong', () => {
    using tables = openPruneTables({ mostPages: 40 })
    const { images, streams } = tables
    images.add({ ...factsOf(3), name: 'first' })
    streams.add({ metadata: { name: 's' } } as ImageStream)
    const under = images.unused()
    const noRoom = {
      name: 'ScratchError',
      message: /: database or disk is full; SQLITE_TMPDIR /,
    }
    assert.throws(() => {
      for (let n = 0; n < 5000; n++) images.add({ ...factsOf(3), name: `name-${n}` })
    }, noRoom)
    assert.throws(() => images.isUsed('first'), noRoom)
    assert.throws(() => images.get('first'), noRoom)
    assert.throws(() => images.use('first'), noRoom)
    assert.throws(() => images.isHeld('first'), noRoom)
    assert.throws(() => images.referrersOf('first'), noRoom)
    assert.throws(() => images.release(factsOf(3)), noRoom)
    assert.throws(() => [...under], noRoom)
    assert.throws(() => [...streams], noRoom)
    assert.throws(() => streams.add({ metadata: { name: 't' } } as ImageStream), noRoom)
  })
})

describe('which images go', () => {
  const facts = (name: string, blobs: string[], extra: Partial<ImageFacts> = {}): ImageFacts => ({
    name: digest(name),
    created: 1,
    managed: false,
    blobs: [...blobs, `config-${name}`],
    children: [],
    size: 0,
    ...extra,
  })
  const all = [facts('a', ['l1', 'l2']), facts('b', ['l1', 'l3']), facts('c', ['l4'])]
  const rules = { threshold: 10, all: true }

  it('keeps children of nested indexes and what refers to them', () => {
    const inner = facts('d', [], { children: [digest('a')] })
    const outer = facts('e', [], { children: [digest('d')] })
    const signature = facts('f', ['l9'], { subject: digest('a') })
    using table = tableOf([...all, inner, outer, signature])
    const prune = createImagePrune(table, rules)
    prune.use(digest('e'))
    assert.deepEqual(
      [...prune.candidates()].map(({ name }) => name),
      [digest('b'), digest('c')],
    )
  })

  it('what is learned on the way counts', () => {
    using table = tableOf(all)
    const prune = createImagePrune(table, rules)
    prune.use(digest('9'))
    prune.learn(facts('9', [], { children: [digest('c')] }))
    assert.equal(prune.isUsed(digest('c')), true)
    prune.learn(facts('7', [], { subject: digest('c') }))
    assert.equal(prune.isUsed(digest('7')), true)
    const [, b] = all as [ImageFacts, ImageFacts]
    assert.deepEqual(prune.release(b), ['l3', 'config-b', digest('b')])
    assert.equal(prune.isFree('l3'), true)
    prune.learn(facts('8', ['l3']))
    assert.equal(prune.isFree('l3'), false)
  })

  it('a blob goes with the last image that has it, and young images keep theirs', () => {
    using table = tableOf([...all, facts('d', ['l4'], { created: 11 })])
    const prune = createImagePrune(table, rules)
    const released = [...prune.candidates()].map((one) => prune.release(one))
    assert.deepEqual(released, [
      ['l2', 'config-a', digest('a')],
      ['l1', 'l3', 'config-b', digest('b')],
      ['config-c', digest('c')],
    ])
    using imported = tableOf(all)
    assert.deepEqual([...createImagePrune(imported, { ...rules, all: false }).candidates()], [])
  })
})

describe('a table of streams', () => {
  it('gives them back as far as pruning reads them, in their order, more than once', () => {
    const streams = Array.from({ length: 300 }, (_, n) => ({
      metadata: { namespace: `p${n % 3}`, name: `s${n}`, creationTimestamp: `2026-01-01T00:00:${n % 60}Z` },
      status: {
        dockerImageRepository: n % 2 === 0 ? '' : `registry/p/s${n}`,
        tags: Array.from({ length: n % 4 }, (_, tag) => ({
          tag: `t${tag}`,
          items: Array.from({ length: tag }, (_, item) => ({
            image: item === 0 ? '' : digest(`${n} ${item}`),
            created: '2026-01-01T00:00:00Z',
          })),
        })),
      },
    }))
    using tables = openPruneTables()
    for (const stream of streams) {
      const more = { spec: { tags: [] }, status: { ...stream.status, publicDockerImageRepository: 'x' } }
      tables.streams.add({ ...stream, ...more } as unknown as ImageStream)
    }
    assert.deepEqual([...tables.streams], streams)
    assert.deepEqual([...tables.streams], streams)
  })

  it('what a server leaves out is as good as empty', () => {
    using tables = openPruneTables()
    const untold = { tag: 't', items: null }
    const nameless = { tag: 'u', items: [{ created: null }] }
    tables.streams.add({ metadata: { name: 's' }, status: { tags: [untold, nameless] } } as never)
    tables.streams.add({ metadata: { name: 'u' } } as ImageStream)
    const [first, second] = tables.streams
    assert.deepEqual(first?.status.tags, [
      { tag: 't', items: [] },
      { tag: 'u', items: [{ image: '', created: null }] },
    ])
    assert.deepEqual([second?.metadata.name, second?.status.tags], ['u', []])
  })
})
